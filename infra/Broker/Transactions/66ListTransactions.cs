using StreamPlatform.Broker.Groups;
using StreamPlatform.Broker.Requests;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Transactions;

/// <summary>ListTransactions 0-1. 1: only transactions open for longer than a duration.</summary>
internal sealed class ListTransactionsHandler(TransactionCoordinator transactions, BrokerServices services) : IRequestHandler
{
    public ApiKey Key => ApiKey.ListTransactions;

    public ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel)
    {
        var (states, producerIds, openForMs) = Parse(context, body);
        var known = Enum.GetNames<TransactionStatus>();
        var now = services.Time.UnixMs();
        var listed = transactions.Transactions
            .Select(t => (t.Id, t.Current))
            .Where(t => t.Current is { } c
                && (states.Length == 0 || states.Contains(c.Status.ToString()))
                && (producerIds.Count == 0 || producerIds.Contains(c.ProducerId))
                && (openForMs < 0 || (c.StartUnixMs >= 0 && now - c.StartUnixMs > openForMs)))
            .OrderBy(t => t.Id, StringComparer.Ordinal)
            .ToList();
        var unknown = states.Except(known).ToList();
        response.WriteInt32(0);
        response.WriteError(ErrorCode.None);
        response.WriteArrayLength(unknown.Count);
        foreach (var state in unknown)
        {
            response.WriteString(state);
        }
        response.WriteArrayLength(listed.Count);
        foreach (var (id, current) in listed)
        {
            response.WriteString(id);
            response.WriteInt64(current!.ProducerId);
            response.WriteString(current.Status.ToString());
            response.WriteEmptyTaggedFields();
        }
        response.WriteEmptyTaggedFields();
        return ValueTask.CompletedTask;
    }

    private static (string[] States, HashSet<long> ProducerIds, long OpenForMs) Parse(RequestContext context, ReadOnlyMemory<byte> body)
    {
        var reader = context.Reader(body);
        var states = reader.ReadStringArray();
        var producerIds = new HashSet<long>();
        for (var count = reader.ReadArrayLength(sizeof(long)); count > 0; count--)
        {
            producerIds.Add(reader.ReadInt64());
        }
        return (states, producerIds, context.Version >= 1 ? reader.ReadInt64() : -1);
    }
}
