namespace StreamPlatform.Streams;

/// <summary>What the finished records of one task want written; lives until its commit is acknowledged.</summary>
internal sealed class TaskBatch
{
    public List<OutputRecord> Outputs { get; } = [];
    /// <summary>Coalesced: the last value per entry. Null = deleted.</summary>
    public Dictionary<(int Store, string Key, string Sub), byte[]?> Changelog { get; } = [];
    public int Finished { get; set; }
    public bool IsEmpty => Finished == 0 && Outputs.Count == 0 && Changelog.Count == 0;
}

/// <summary>A batch ready for its transaction.</summary>
internal sealed record SealedBatch(StreamTask Task, List<OutputRecord> Records, List<(TopicPartitionId Partition, long Offset)> Offsets, int Finished);
