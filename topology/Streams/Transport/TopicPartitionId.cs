namespace StreamPlatform.Streams;

/// <summary>One partition of a topic.</summary>
public readonly record struct TopicPartitionId(string Topic, int Partition)
{
    public override string ToString() => $"{Topic}[{Partition}]";
}
