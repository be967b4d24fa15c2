namespace StreamPlatform.Streams;

/// <summary>Wall-clock timers of the keys of one step, on the monotonic clock (ms). Postponing a key costs no heap operation.</summary>
internal sealed class TimerQueue
{
    private readonly Dictionary<string, Timer> timers = [];
    private readonly PriorityQueue<string, long> heap = new();

    private sealed class Timer
    {
        public long DueMs;
        public long InHeapMs;
        public RecordHeaders Headers = RecordHeaders.Empty;
    }

    public int Count => timers.Count;

    public void Arm(string key, long dueMs, RecordHeaders? headers = null)
    {
        if (!timers.TryGetValue(key, out var timer))
        {
            timers[key] = timer = new Timer { InHeapMs = dueMs };
            heap.Enqueue(key, dueMs);
        }
        else if (dueMs < timer.InHeapMs)
        {
            timer.InHeapMs = dueMs;
            heap.Enqueue(key, dueMs);
        }
        timer.DueMs = dueMs;
        if (headers is not null) timer.Headers = headers;
    }

    public void Disarm(string key) => timers.Remove(key);

    /// <summary>Earliest time at which <see cref="TryPop"/> may have something; null when empty.</summary>
    public long? NextMs => heap.TryPeek(out _, out var due) ? due : null;

    public bool TryPop(long nowMs, out string key, out RecordHeaders headers)
    {
        while (heap.TryPeek(out var candidate, out var inHeapMs) && inHeapMs <= nowMs)
        {
            heap.Dequeue();
            if (!timers.TryGetValue(candidate, out var timer) || timer.InHeapMs != inHeapMs) continue;
            if (timer.DueMs > nowMs)
            {
                timer.InHeapMs = timer.DueMs;
                heap.Enqueue(candidate, timer.DueMs);
                continue;
            }
            timers.Remove(candidate);
            (key, headers) = (candidate, timer.Headers);
            return true;
        }
        (key, headers) = ("", RecordHeaders.Empty);
        return false;
    }
}
