namespace StreamPlatform.Tests.Unit.Providers;

/// <summary>
/// A clock that stands still until someone waits: a wait of at most <paramref name="longestJump"/> ends at once, the clock then shows its end. Longer waits (the
/// time-outs of attempts, which must not run against a real server) end when the clock has jumped past them.
/// </summary>
internal sealed class JumpingTime(TimeSpan longestJump) : TimeProvider
{
    private readonly TimeSpan longest = longestJump;
    private readonly Lock gate = new();
    private readonly List<Held> held = [];
    private readonly List<TimeSpan> jumps = [];
    private DateTimeOffset now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Every wait that ended at once.</summary>
    public IReadOnlyList<TimeSpan> Jumps
    {
        get
        {
            lock (gate)
            {
                return [.. jumps];
            }
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (gate)
        {
            return now;
        }
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    /// <summary>Lets time pass.</summary>
    public void Advance(TimeSpan by)
    {
        Held[] due;
        lock (gate)
        {
            now += by;
            due = [.. held.Where(h => h.Due <= now)];
            held.RemoveAll(due.Contains);
        }

        foreach (var timer in due)
        {
            ThreadPool.QueueUserWorkItem(_ => timer.Fire());
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Held(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class Held(JumpingTime time, TimerCallback callback, object? state) : ITimer
    {
        private bool disposed;

        public DateTimeOffset Due { get; private set; } = DateTimeOffset.MaxValue;

        public void Fire()
        {
            if (!Volatile.Read(ref disposed))
            {
                callback(state);
            }
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var jump = dueTime >= TimeSpan.Zero && dueTime <= time.longest && period <= TimeSpan.Zero;
            lock (time.gate)
            {
                time.held.Remove(this);
                if (dueTime >= TimeSpan.Zero)
                {
                    Due = time.now + dueTime;
                    time.held.Add(this);
                }

                if (jump)
                {
                    time.jumps.Add(dueTime);
                }
            }

            if (jump)
            {
                time.Advance(dueTime);
            }

            return true;
        }

        public void Dispose()
        {
            Volatile.Write(ref disposed, true);
            lock (time.gate)
            {
                time.held.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
