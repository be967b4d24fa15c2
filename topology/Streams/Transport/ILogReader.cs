namespace StreamPlatform.Streams;

/// <summary>Reads partitions outside any group, committed records only.</summary>
public interface ILogReader : IDisposable
{
    void Assign(IReadOnlyList<PartitionOffset> partitions);
    /// <summary>As <see cref="IGroupConsumer.Poll"/>.</summary>
    int Poll(Span<PollResult> into, int timeoutMs);
}
