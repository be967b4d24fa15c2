namespace StreamPlatform.Tests.Unit.Persistence;

/// <summary>The system's clock, moved on by jumps: waits of a minute and more end when a jump has passed them, shorter ones take their time.</summary>
internal sealed class JumpingTime : TimeProvider
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly List<LongTimer> waiting = [];
    private TimeSpan jumped;

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
        {
            return System.GetUtcNow() + jumped;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime < Long || period != Timeout.InfiniteTimeSpan)
        {
            return System.CreateTimer(callback, state, dueTime, period);
        }

        var timer = new LongTimer(this, () => callback(state), GetUtcNow() + dueTime);
        lock (gate)
        {
            waiting.Add(timer);
        }

        return timer;
    }

    /// <summary>Returns when no wait is left that the jump has passed.</summary>
    public void Jump(TimeSpan by)
    {
        List<LongTimer> due;
        lock (gate)
        {
            jumped += by;
            due = [.. waiting.Where(t => t.Due <= System.GetUtcNow() + jumped)];
            waiting.RemoveAll(due.Contains);
        }

        due.ForEach(t => t.Fire());
    }

    private sealed class LongTimer(JumpingTime time, Action fire, DateTimeOffset due) : ITimer
    {
        public DateTimeOffset Due => due;

        public Action Fire => fire;

        // a timer that is started anew is none of those that are waited for
        public bool Change(TimeSpan dueTime, TimeSpan period) => dueTime == Timeout.InfiniteTimeSpan;

        public void Dispose()
        {
            lock (time.gate)
            {
                time.waiting.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
