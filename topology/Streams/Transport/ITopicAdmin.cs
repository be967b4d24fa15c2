namespace StreamPlatform.Streams;

/// <summary>Topics and end offsets.</summary>
public interface ITopicAdmin : IDisposable
{
    /// <summary>Every topic with its partition count.</summary>
    IReadOnlyDictionary<string, int> Topics();
    /// <summary>True if created, false if it exists.</summary>
    bool Create(string topic, int partitions, short replicationFactor, IReadOnlyDictionary<string, string> config);
    /// <summary>Deletes the records below each offset. Optional: a transport that cannot, keeps them.</summary>
    void DeleteRecords(IReadOnlyList<PartitionOffset> below) { }
    /// <summary>Partitions of these topics (with their counts) that no member of the application's group has, while it is stable; null = it is not. Optional.</summary>
    IReadOnlyList<TopicPartitionId>? Ownerless(IReadOnlyDictionary<string, int> topics) => [];
    /// <summary>High watermarks, whatever transactions are open (ListOffsets read_uncommitted).</summary>
    IReadOnlyDictionary<TopicPartitionId, long> EndOffsets(IReadOnlyList<TopicPartitionId> partitions);
}
