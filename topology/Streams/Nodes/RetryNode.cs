namespace StreamPlatform.Streams;

/// <summary>Decides what happens to deferred records of an input. This one lets later records of a key pass; <see cref="ParkingNode"/> does not.</summary>
internal class RetryNode(string topic, RetryTopics policy) : Node("retry", $"{topic}.retry")
{
    private const int MaxCauseChars = 300;
    private readonly string[] topics = [.. policy.Delays.Select(d => RetryTopics.TopicOf(topic, d))];

    public RetryTopics Policy => policy;
    public override string Detail => $"at most {policy.MaxRetries} times, {(policy.KeepsOrder ? "its key follows" : "unordered")}";

    /// <summary>True if the record runs now; false if it was sent to a retry topic instead.</summary>
    public virtual bool Enter(WorkItem item) => true;

    /// <summary>Sends a failed record to its next retry topic; false at the ceiling.</summary>
    public bool Defer(WorkItem item, Exception error)
    {
        var attempts = (item.Retried?.Attempts ?? 0) + 1;
        if (attempts > policy.MaxRetries) return false;
        var level = Math.Min(attempts, topics.Length) - 1;
        var cause = $"{error.GetType().Name}: {error.Message}";
        Send(item, level, attempts, Park(item, level), cause.Length > MaxCauseChars ? cause[..MaxCauseChars] : cause);
        return true;
    }

    /// <summary>The record is dead-lettered: whatever waits for it need not.</summary>
    public virtual void Leave(WorkItem item) { }

    /// <summary>True while records of the key are in retry topics.</summary>
    public virtual bool IsParked(StreamTask task, string key) => false;

    /// <summary>Notes that the record waits at a level and returns its place among those of its key.</summary>
    protected virtual long Park(WorkItem item, int level) => -1;

    protected void Send(WorkItem item, int level, int attempts, long sequence, string cause)
    {
        var dueMs = item.Task.Kernel.WallClockMs + (long)policy.Delays[level].TotalMilliseconds;
        item.Stage(new RetryMark(attempts, sequence, dueMs).Write(item, topics[level], cause));
        item.Task.Kernel.Metrics.Deferred(topics[level]);
    }
}
