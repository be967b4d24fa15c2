namespace StreamPlatform.Streams;

/// <summary>Member of the application's group, reading committed records. One thread, except <see cref="Membership"/>, <see cref="Committed"/>, <see cref="Commit"/>.</summary>
public interface IGroupConsumer : IDisposable
{
    void Subscribe(IReadOnlyList<string> topics);
    /// <summary>Fills <paramref name="into"/> with what is there; waits up to <paramref name="timeoutMs"/> for the first. Returns the count.</summary>
    int Poll(Span<PollResult> into, int timeoutMs);
    /// <summary>Starts to read partitions that <see cref="IRebalanceHandler.Assigned"/> gave, besides those read already. They end with the return of Revoked or Lost, by themselves.</summary>
    void Assign(IReadOnlyList<PartitionOffset> partitions);
    void Pause(IReadOnlyList<TopicPartitionId> partitions);
    void Resume(IReadOnlyList<TopicPartitionId> partitions);
    /// <summary>The end of a partition as last heard; -1 = unknown.</summary>
    long HighWatermark(TopicPartitionId partition);
    GroupMembership Membership();
    /// <summary>Stable committed offsets of the group; absent where there is none.</summary>
    IReadOnlyDictionary<TopicPartitionId, long> Committed(IReadOnlyList<TopicPartitionId> partitions, TimeSpan timeout);
    /// <summary>Commits offsets without a transaction.</summary>
    void Commit(IReadOnlyList<PartitionOffset> offsets);
    /// <summary>Orderly leave; calls <see cref="IRebalanceHandler.Revoked"/> if something is assigned.</summary>
    void Close();
}
