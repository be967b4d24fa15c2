using StreamPlatform.Broker.Groups;
using StreamPlatform.Broker.Requests;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Transactions;

/// <summary>
/// TxnOffsetCommit 0-3. 2: leader epoch. 3: flexible; fenced by the group's generation, member and instance (KIP-447). Deviation: INVALID_TXN_STATE unless
/// AddOffsetsToTxn came first (Kafka checks so only for newer clients).
/// </summary>
internal sealed class TxnOffsetCommitHandler(TransactionCoordinator transactions) : IRequestHandler
{
    public ApiKey Key => ApiKey.TxnOffsetCommit;

    public async ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel)
    {
        var request = Parse(context, body);
        var results = await transactions.CommitOffsetsAsync(
            context, request.Id, request.ProducerId, request.Epoch, request.GroupId, request.Who, request.Offsets, cancel).ConfigureAwait(false);
        response.WriteInt32(0);
        OffsetsWire.WriteResults(response, request.Topics, request.Offsets, results);
        response.WriteEmptyTaggedFields();
    }

    private static Request Parse(RequestContext context, ReadOnlyMemory<byte> body)
    {
        var reader = context.Reader(body);
        var (id, groupId) = (reader.ReadString(), reader.ReadString());
        var (producerId, epoch) = (reader.ReadInt64(), reader.ReadInt16());
        var who = new MemberIdentity("", null, -1);
        if (context.Version >= 3)
        {
            var generation = reader.ReadInt32();
            who = new MemberIdentity(reader.ReadString(), reader.ReadNullableString(), generation);
        }
        var (topics, offsets) = OffsetsWire.ReadOffsets(ref reader, withLeaderEpoch: context.Version >= 2);
        return new Request(id, groupId, producerId, epoch, who, topics, offsets);
    }

    private sealed record Request(
        string Id, string GroupId, long ProducerId, short Epoch, MemberIdentity Who, List<(string Topic, int Count)> Topics, List<OffsetToCommit> Offsets);
}
