namespace StreamPlatform.Streams;

/// <summary>What the finished records of one task want written; lives until its commit is acknowledged.</summary>
internal sealed class TaskBatch
{
    public OutputBuffer Outputs { get; } = new();
    /// <summary>Coalesced: each changed entry once, whatever it was when the batch was sealed.</summary>
    public List<StoreEntry> Changed { get; } = [];
    public int Finished { get; set; }
    public bool IsEmpty => Finished == 0 && Outputs.Count == 0 && Changed.Count == 0;

    public void Clear()
    {
        Outputs.Clear();
        Changed.Clear();
        Finished = 0;
    }
}

/// <summary>A batch ready for its transaction.</summary>
/// <param name="ProgressFrom">Index of the first record that is progress; the others come before.</param>
internal sealed record SealedBatch(StreamTask Task, TaskBatch Batch, int ProgressFrom, List<(TopicPartitionId Partition, long Offset)> Offsets, int Finished)
{
    public OutputBuffer Records => Batch.Outputs;
}
