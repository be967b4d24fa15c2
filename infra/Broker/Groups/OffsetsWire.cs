using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Groups;

/// <summary>The list of offsets that OffsetCommit and TxnOffsetCommit share, and its answer.</summary>
internal static class OffsetsWire
{
    public static (List<(string Topic, int Count)> Topics, List<OffsetToCommit> Offsets) ReadOffsets(ref KafkaReader reader, bool withLeaderEpoch)
    {
        var topics = new List<(string Topic, int Count)>();
        var offsets = new List<OffsetToCommit>();
        for (var t = reader.ReadArrayLength(); t > 0; t--)
        {
            var topic = reader.ReadString();
            var count = reader.ReadArrayLength();
            topics.Add((topic, count));
            for (var p = 0; p < count; p++)
            {
                var partition = reader.ReadInt32();
                var offset = reader.ReadInt64();
                var leaderEpoch = withLeaderEpoch ? reader.ReadInt32() : -1;
                var metadata = reader.ReadNullableString();
                reader.SkipTaggedFields();
                offsets.Add(new OffsetToCommit(new PartitionKey(topic, partition), offset, leaderEpoch, metadata));
            }
            reader.SkipTaggedFields();
        }
        return (topics, offsets);
    }

    public static void WriteResults(KafkaWriter response, List<(string Topic, int Count)> topics, List<OffsetToCommit> offsets, ErrorCode[] results)
    {
        var at = 0;
        response.WriteArrayLength(topics.Count);
        foreach (var (topic, count) in topics)
        {
            response.WriteString(topic);
            response.WriteArrayLength(count);
            for (var p = 0; p < count; p++, at++)
            {
                response.WriteInt32(offsets[at].Partition.Partition);
                response.WriteError(results[at]);
                response.WriteEmptyTaggedFields();
            }
            response.WriteEmptyTaggedFields();
        }
    }
}
