namespace StreamPlatform.Streams;

/// <summary>A clock that moves only when told to; its timers fire on the advancing thread. Starts at 2024-01-01T00:00:00Z unless told otherwise.</summary>
public sealed class VirtualTime(DateTimeOffset? start = null) : TimeProvider
{
    private readonly object gate = new();
    private readonly List<VirtualTimer> timers = [];
    private readonly DateTimeOffset start = start ?? new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private TimeSpan elapsed;

    public override DateTimeOffset GetUtcNow() { lock (gate) return start + elapsed; }
    public override long GetTimestamp() { lock (gate) return elapsed.Ticks; }
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Moves the clock, firing timers in order of their time.</summary>
    public void Advance(TimeSpan by)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(by, TimeSpan.Zero);
        TimeSpan target;
        lock (gate) target = elapsed + by;
        while (true)
        {
            VirtualTimer? due;
            lock (gate)
            {
                due = timers.Where(t => t.Due <= target).MinBy(t => t.Due);
                if (due is null) { elapsed = target; return; }
                if (due.Due > elapsed) elapsed = due.Due.Value;
                due.Next();
            }
            due.Fire();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class VirtualTimer(VirtualTime time, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan period = Timeout.InfiniteTimeSpan;
        public TimeSpan? Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan newPeriod)
        {
            lock (time.gate)
            {
                period = newPeriod;
                Due = dueTime == Timeout.InfiniteTimeSpan ? null : time.elapsed + dueTime;
                time.timers.Remove(this);
                if (Due is not null) time.timers.Add(this);
            }
            return true;
        }

        public void Next()
        {
            Due = period > TimeSpan.Zero ? Due + period : null;
            if (Due is null) time.timers.Remove(this);
        }

        public void Fire() => callback(state);

        public void Dispose()
        {
            lock (time.gate) time.timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
