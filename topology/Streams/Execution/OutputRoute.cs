namespace StreamPlatform.Streams;

/// <summary>How a task chooses the partition of an output topic.</summary>
/// <param name="Partitions">The topic's; 0 = not known, the client's partitioner decides.</param>
/// <param name="Aligned">It has as many as the task's source.</param>
internal readonly record struct OutputRoute(int Partitions, bool Aligned)
{
    /// <summary>A record whose key is the source's stays in its partition number where the counts agree; else murmur2, as Java's default.</summary>
    public int PartitionOf(StreamTask task, bool keyChanged, byte[]? key)
    {
        if (Partitions == 0) return -1;
        if (!keyChanged && Aligned) return task.Partition;
        return key is null ? task.Partition % Partitions : Murmur2.Partition(key, Partitions);
    }
}
