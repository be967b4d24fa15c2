namespace StreamPlatform.Streams;

/// <summary>A partition and an offset; -1 = from the end, -2 = from the beginning.</summary>
public readonly record struct PartitionOffset(TopicPartitionId Partition, long Offset)
{
    public const long End = -1;
    public const long Beginning = -2;
}
