using StreamPlatform.Broker.Requests;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Transactions;

/// <summary>
/// EndTxn 0-3. 2: PRODUCER_FENCED instead of INVALID_PRODUCER_EPOCH. 3: flexible. Deviations: the answer comes when the markers are written (Kafka: when the
/// decision is); a request from a connection older than the last one the producer used is not executed (COORDINATOR_NOT_AVAILABLE).
/// </summary>
internal sealed class EndTxnHandler(TransactionCoordinator transactions) : IRequestHandler
{
    public ApiKey Key => ApiKey.EndTxn;

    public async ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel)
    {
        var (id, producerId, epoch, commit) = Parse(context, body);
        var error = await transactions.EndAsync(context, id, producerId, epoch, commit, cancel).ConfigureAwait(false);
        response.WriteInt32(0);
        response.WriteError(FencingCode.For(context, error, firstWithProducerFenced: 2));
        response.WriteEmptyTaggedFields();
    }

    private static (string Id, long ProducerId, short Epoch, bool Commit) Parse(RequestContext context, ReadOnlyMemory<byte> body)
    {
        var reader = context.Reader(body);
        return (reader.ReadString(), reader.ReadInt64(), reader.ReadInt16(), reader.ReadBool());
    }
}
