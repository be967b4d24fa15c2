using StreamPlatform.Broker.Requests;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Transactions;

/// <summary>
/// InitProducerId 0-4. 2: flexible. 3: the producer's present id and epoch (KIP-360). 4: PRODUCER_FENCED instead of INVALID_PRODUCER_EPOCH.
/// Deviation: an open transaction is aborted before the answer; Kafka answers CONCURRENT_TRANSACTIONS and lets the client ask again.
/// </summary>
internal sealed class InitProducerIdHandler(TransactionCoordinator transactions) : IRequestHandler
{
    public ApiKey Key => ApiKey.InitProducerId;

    public async ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel)
    {
        var (id, timeoutMs, producerId, epoch) = Parse(context, body);
        var result = await transactions.InitProducerAsync(id, timeoutMs, producerId, epoch, cancel).ConfigureAwait(false);
        response.WriteInt32(0);
        response.WriteError(FencingCode.For(context, result.Error, firstWithProducerFenced: 4));
        response.WriteInt64(result.ProducerId);
        response.WriteInt16(result.Epoch);
        response.WriteEmptyTaggedFields();
    }

    private static (string? Id, int TimeoutMs, long ProducerId, short Epoch) Parse(RequestContext context, ReadOnlyMemory<byte> body)
    {
        var reader = context.Reader(body);
        var (id, timeoutMs) = (reader.ReadNullableString(), reader.ReadInt32());
        return context.Version >= 3 ? (id, timeoutMs, reader.ReadInt64(), reader.ReadInt16()) : (id, timeoutMs, -1, (short)-1);
    }
}
