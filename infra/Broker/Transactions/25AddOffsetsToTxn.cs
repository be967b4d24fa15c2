using StreamPlatform.Broker.Requests;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Transactions;

/// <summary>AddOffsetsToTxn 0-3. 2: PRODUCER_FENCED instead of INVALID_PRODUCER_EPOCH. 3: flexible.</summary>
internal sealed class AddOffsetsToTxnHandler(TransactionCoordinator transactions) : IRequestHandler
{
    public ApiKey Key => ApiKey.AddOffsetsToTxn;

    public async ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel)
    {
        var (id, producerId, epoch, groupId) = Parse(context, body);
        var error = await transactions.AddOffsetsAsync(context, id, producerId, epoch, groupId, cancel).ConfigureAwait(false);
        response.WriteInt32(0);
        response.WriteError(FencingCode.For(context, error, firstWithProducerFenced: 2));
        response.WriteEmptyTaggedFields();
    }

    private static (string Id, long ProducerId, short Epoch, string GroupId) Parse(RequestContext context, ReadOnlyMemory<byte> body)
    {
        var reader = context.Reader(body);
        return (reader.ReadString(), reader.ReadInt64(), reader.ReadInt16(), reader.ReadString());
    }
}
