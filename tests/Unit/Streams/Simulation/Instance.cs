using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Simulation;

/// <summary>One life of one instance: its threads, clock and clients. It can be crashed (its clients are cut, its threads unwind) and frozen.</summary>
internal sealed class Instance(Scheduler scheduler, int slot, int life) : TimeProvider, IScheduling
{
    public Scheduler Scheduler { get; } = scheduler;
    public int Slot { get; } = slot;
    public bool Dead { get; set; }
    public TimeSpan ClockOffset { get; set; }
    public StreamsApplication Application { get; set; } = null!;
    public bool Frozen => Scheduler.IsFrozen(this);
    /// <summary>Neither crashed nor frozen: heartbeats go out.</summary>
    public bool Alive => !Dead && !Frozen;
    public SimConsumer? Consumer { get; set; }
    /// <summary>The last member without an instance id.</summary>
    public SimConsumer? Passing { get; set; }
    public int OpenClients { get; set; }
    public bool Stopping { get; set; }

    /// <summary>Every call of a crashed instance's clients ends so, and has no effect.</summary>
    public void Check()
    {
        if (Dead) throw new TransportException(TransportFailure.Fatal, "the instance has crashed");
    }

    public override string ToString() => $"i{Slot}.{life}";

    public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero) + TimeSpan.FromTicks(Scheduler.NowTicks) + ClockOffset;
    public override long GetTimestamp() => Scheduler.NowTicks;
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new InstanceTimer(this, callback, state, dueTime);

    public void RunAsync(Func<Task> work) => Scheduler.Soon(this, () => _ = work());
    public void RunThread(string name, Action work) => Scheduler.Start(this, name, work);
    public ISignal CreateSignal(bool set) => new Signal(Scheduler, set);

    private sealed class Signal(Scheduler scheduler, bool set) : ISignal
    {
        public bool IsSet { get; private set; } = set;
        public void Set() => IsSet = true;
        public void Reset() => IsSet = false;
        public bool Wait(TimeSpan timeout) => scheduler.WaitUntil(() => IsSet, timeout == Timeout.InfiniteTimeSpan ? -1 : (long)Math.Ceiling(timeout.TotalMilliseconds));
    }

    private sealed class InstanceTimer : ITimer
    {
        private readonly Instance instance;
        private readonly TimerCallback callback;
        private readonly object? state;
        private Scheduler.Timer? armed;

        public InstanceTimer(Instance instance, TimerCallback callback, object? state, TimeSpan due)
        {
            (this.instance, this.callback, this.state) = (instance, callback, state);
            Change(due, Timeout.InfiniteTimeSpan);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (armed is not null) armed.Cancelled = true;
            armed = dueTime == Timeout.InfiniteTimeSpan ? null : instance.Scheduler.AfterTicks(instance, dueTime.Ticks, () => callback(state));
            return true;
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
