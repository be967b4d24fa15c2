using StreamPlatform.Broker.Requests;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Transactions;

/// <summary>DescribeTransactions 0.</summary>
internal sealed class DescribeTransactionsHandler(TransactionCoordinator transactions) : IRequestHandler
{
    public ApiKey Key => ApiKey.DescribeTransactions;

    public ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel)
    {
        var ids = context.Reader(body).ReadStringArray();
        response.WriteInt32(0);
        response.WriteArrayLength(ids.Length);
        foreach (var id in ids)
        {
            Write(response, id, transactions.Find(id)?.Current);
        }
        response.WriteEmptyTaggedFields();
        return ValueTask.CompletedTask;
    }

    private static void Write(KafkaWriter response, string id, TransactionMetadata? transaction)
    {
        response.WriteError(transaction is null ? ErrorCode.TransactionalIdNotFound : ErrorCode.None);
        response.WriteString(id);
        response.WriteString(transaction?.Status.ToString() ?? "");
        response.WriteInt32(transaction?.TimeoutMs ?? 0);
        response.WriteInt64(transaction?.StartUnixMs ?? -1);
        response.WriteInt64(transaction?.ProducerId ?? -1);
        response.WriteInt16(transaction?.Epoch ?? -1);
        var topics = (transaction?.Partitions ?? []).GroupBy(p => p.Topic).ToList();
        response.WriteArrayLength(topics.Count);
        foreach (var topic in topics)
        {
            response.WriteString(topic.Key);
            response.WriteInt32Array(topic.Select(p => p.Partition).Order().ToArray());
            response.WriteEmptyTaggedFields();
        }
        response.WriteEmptyTaggedFields();
    }
}
