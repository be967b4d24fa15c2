using StreamPlatform.Broker.Requests;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Groups;

/// <summary>
/// OffsetFetch 1-8. 2: null topics mean all. 5: leader epoch. 6: flexible. 7: require_stable (UNSTABLE_OFFSET_COMMIT while a transaction is about to
/// change the offset). 8: several groups.
/// </summary>
internal sealed class OffsetFetchHandler(GroupCoordinator groups) : IRequestHandler
{
    public ApiKey Key => ApiKey.OffsetFetch;

    public ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel)
    {
        var reader = context.Reader(body);
        var asked = new List<(string Group, List<(string Topic, int[] Partitions)>? Topics)>();
        if (context.Version >= 8)
        {
            for (var g = reader.ReadArrayLength(); g > 0; g--)
            {
                asked.Add((reader.ReadString(), ReadTopics(ref reader)));
                reader.SkipTaggedFields();
            }
        }
        else
        {
            asked.Add((reader.ReadString(), ReadTopics(ref reader)));
        }
        var requireStable = context.Version >= 7 && reader.ReadBool();

        if (context.Version >= 3)
        {
            response.WriteInt32(0);
        }
        if (context.Version >= 8)
        {
            response.WriteArrayLength(asked.Count);
            foreach (var (group, topics) in asked)
            {
                response.WriteString(group);
                WriteTopics(context, response, group, topics, requireStable);
                response.WriteError(ErrorCode.None);
                response.WriteEmptyTaggedFields();
            }
        }
        else
        {
            WriteTopics(context, response, asked[0].Group, asked[0].Topics, requireStable);
            if (context.Version >= 2)
            {
                response.WriteError(ErrorCode.None);
            }
        }
        response.WriteEmptyTaggedFields();
        return ValueTask.CompletedTask;
    }

    private static List<(string Topic, int[] Partitions)>? ReadTopics(ref KafkaReader reader)
    {
        var count = reader.ReadNullableArrayLength();
        if (count < 0)
        {
            return null;
        }
        var topics = new List<(string Topic, int[] Partitions)>(count);
        for (; count > 0; count--)
        {
            topics.Add((reader.ReadString(), reader.ReadInt32Array()));
            reader.SkipTaggedFields();
        }
        return topics;
    }

    private void WriteTopics(RequestContext context, KafkaWriter response, string groupId, List<(string Topic, int[] Partitions)>? topics, bool requireStable)
    {
        var group = groups.Find(groupId);
        topics ??= [.. (group?.OffsetPartitions() ?? [])
            .GroupBy(p => p.Topic)
            .Select(byTopic => (byTopic.Key, byTopic.Select(p => p.Partition).Order().ToArray()))];
        response.WriteArrayLength(topics.Count);
        foreach (var (topic, partitions) in topics)
        {
            response.WriteString(topic);
            response.WriteArrayLength(partitions.Length);
            foreach (var partition in partitions)
            {
                var (offset, unstable) = group?.FindOffset(new PartitionKey(topic, partition)) ?? default;
                var hidden = unstable && requireStable;
                response.WriteInt32(partition);
                response.WriteInt64(hidden ? -1 : offset?.Offset ?? -1);
                if (context.Version >= 5)
                {
                    response.WriteInt32(hidden ? -1 : offset?.LeaderEpoch ?? -1);
                }
                response.WriteNullableString(hidden ? "" : offset?.Metadata ?? "");
                response.WriteError(hidden ? ErrorCode.UnstableOffsetCommit : ErrorCode.None);
                response.WriteEmptyTaggedFields();
            }
            response.WriteEmptyTaggedFields();
        }
    }
}
