namespace StreamPlatform.Tests.Unit.Cassandra;

/// <summary>Time that moves when told, and runs the timers that are due.</summary>
internal sealed class ManualClock : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<Timer> _timers = [];
    private TimeSpan _now;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return _now.Ticks;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Timer timer = new(this, callback, state);
        timer.Change(dueTime, period);
        lock (_gate)
        {
            _timers.Add(timer);
        }
        return timer;
    }

    public void Advance(TimeSpan by)
    {
        Timer[] due;
        lock (_gate)
        {
            _now += by;
            due = [.. _timers.Where(timer => timer.Take(_now))];
        }
        foreach (Timer timer in due)
        {
            timer.Run();
        }
    }

    private sealed class Timer(ManualClock clock, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _due = TimeSpan.MaxValue;
        private TimeSpan _period;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                _due = dueTime == Timeout.InfiniteTimeSpan ? TimeSpan.MaxValue : clock._now + dueTime;
                _period = period;
            }
            return true;
        }

        /// <summary>Once for all periods that have passed.</summary>
        public bool Take(TimeSpan now)
        {
            if (_due > now)
            {
                return false;
            }
            _due = _period > TimeSpan.Zero ? now + _period : TimeSpan.MaxValue;
            return true;
        }

        public void Run() => callback(state);

        public void Dispose()
        {
            lock (clock._gate)
            {
                _due = TimeSpan.MaxValue;
                clock._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
