namespace StreamPlatform.Streams;

/// <summary>A record as it came from a partition.</summary>
public sealed record ConsumedRecord(string Topic, int Partition, long Offset, long TimestampMs, byte[]? Key, byte[]? Value, RecordHeaders Headers);

/// <summary>A record to be written. Partition -1 = the runtime's partitioner (murmur2 of the key) decides. TimestampMs -1 = the client's clock.</summary>
public sealed record OutputRecord(string Topic, int Partition, long TimestampMs, byte[]? Key, byte[]? Value, RecordHeaders? Headers);

/// <summary>One partition of a topic.</summary>
public readonly record struct TopicPartitionId(string Topic, int Partition)
{
    public override string ToString() => $"{Topic}[{Partition}]";
}
