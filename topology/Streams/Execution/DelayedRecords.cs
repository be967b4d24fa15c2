namespace StreamPlatform.Streams;

/// <summary>
/// Records of one retry partition that were read and are not due. All have the same delay, so they come due in the order read; they hold no key lock and
/// do not count as in flight. Bounded: at the bound the partition is paused.
/// </summary>
internal sealed class DelayedRecords(StreamTask task, TaskInput input, RetrySourceNode source)
{
    private const int MaxWaiting = 1_000;
    private readonly Queue<(ConsumedRecord Record, RetryMark Mark, OffsetTracker.Entry Tracked, long DueMs)> waiting = new();

    public bool Any => waiting.Count > 0;
    public bool Full => waiting.Count >= MaxWaiting;
    public bool HasRoom => waiting.Count <= MaxWaiting / 2;
    /// <summary>When the first is due, monotonic ms; null = nothing waits.</summary>
    public long? NextMs => waiting.TryPeek(out var first) ? first.DueMs : null;

    public void Add(ConsumedRecord read, OffsetTracker.Entry tracked)
    {
        if (RetryMark.Read(read, source.Origin.Topic, task.ApplicationId) is not { } marked)
        {
            input.Tracker.Finish(tracked);
            return;
        }
        // the clamp: another instance's clock may be off
        var waitMs = Math.Clamp(marked.Mark.DueMs - task.Kernel.WallClockMs, 0, (long)source.Delay.TotalMilliseconds);
        waiting.Enqueue((marked.Record, marked.Mark, tracked, task.Kernel.MonotonicMs + waitMs));
    }

    public void Release(long nowMs)
    {
        while (waiting.TryPeek(out var first) && first.DueMs <= nowMs)
        {
            waiting.Dequeue();
            task.Admit(input, first.Record, first.Tracked, first.Mark);
        }
    }
}
