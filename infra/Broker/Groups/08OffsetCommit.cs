using StreamPlatform.Broker.Requests;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Groups;

/// <summary>
/// OffsetCommit 2-8. 2-4 carry a retention time: ignored, the broker's option rules (as Kafka since 2.1). 6: leader epoch. 7: group.instance.id. 8: flexible.
/// </summary>
internal sealed class OffsetCommitHandler(GroupCoordinator groups) : IRequestHandler
{
    public ApiKey Key => ApiKey.OffsetCommit;

    public async ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel)
    {
        var (groupId, who, topics, offsets) = Parse(context, body);
        var results = await groups.CommitAsync(groupId, who, offsets).ConfigureAwait(false);
        if (context.Version >= 3)
        {
            response.WriteInt32(0);
        }
        OffsetsWire.WriteResults(response, topics, offsets, results);
        response.WriteEmptyTaggedFields();
    }

    private static (string GroupId, MemberIdentity Who, List<(string Topic, int Count)> Topics, List<OffsetToCommit> Offsets) Parse(
        RequestContext context, ReadOnlyMemory<byte> body)
    {
        var reader = context.Reader(body);
        var groupId = reader.ReadString();
        var generation = reader.ReadInt32();
        var memberId = reader.ReadString();
        var instanceId = context.Version >= 7 ? reader.ReadNullableString() : null;
        if (context.Version <= 4)
        {
            reader.ReadInt64();
        }
        var (topics, offsets) = OffsetsWire.ReadOffsets(ref reader, withLeaderEpoch: context.Version >= 6);
        return (groupId, new MemberIdentity(memberId, instanceId, generation), topics, offsets);
    }
}
