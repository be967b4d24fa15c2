namespace StreamPlatform.Streams;

/// <summary>How far one restore is, as <c>streams.restore.remaining</c>: the offsets between what was read and the ends listed at its start. Counts down to nothing, or is taken back with its disposal.</summary>
internal sealed class RestoreProgress : IDisposable
{
    private readonly StreamsMetrics metrics;
    private readonly Dictionary<TopicPartitionId, (long Position, long End)> open = [];
    private long remaining;

    public RestoreProgress(StreamsMetrics metrics, IEnumerable<(TopicPartitionId Id, long End)> ends)
    {
        this.metrics = metrics;
        foreach (var (id, end) in ends)
        {
            open[id] = (0, end);
            remaining += end;
        }
        metrics.RestoreRemains(remaining);
    }

    /// <summary>Everything of the partition below <paramref name="position"/> is read, or was never there.</summary>
    public void Reached(TopicPartitionId id, long position)
    {
        var (before, end) = open[id];
        var now = Math.Min(position, end);
        if (now <= before) return;
        open[id] = (now, end);
        remaining -= now - before;
        metrics.RestoreRemains(before - now);
    }

    public void Dispose()
    {
        metrics.RestoreRemains(-remaining);
        remaining = 0;
    }
}
