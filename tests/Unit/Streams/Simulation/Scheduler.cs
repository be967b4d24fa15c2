namespace StreamPlatform.Tests.Unit.Streams.Simulation;

/// <summary>What the simulation met and the runtime promised would not happen.</summary>
public sealed class ViolationException(string message) : Exception(message);

/// <summary>
/// Runs threads and events one at a time, in an order that a seed decides, on a clock that moves only here. Each simulated thread is a
/// real one that holds a baton while it runs; it gives the baton on where the runtime would block, so a seed always gives the same run.
/// </summary>
internal sealed class Scheduler
{
    private const int MaxSteps = 400_000;
    private readonly List<SimThread> threads = [];
    private readonly List<(object Owner, Action Run)> ready = [];
    private readonly PriorityQueue<Timer, (long Due, long Order)> timers = new();
    private readonly HashSet<object> frozen = [];
    private readonly ManualResetEventSlim ended = new(false);
    private SimThread current = null!;
    private volatile Exception? failure;
    private long order;
    private int steps;

    public Scheduler(int seed) => Random = new Random(seed);

    public Random Random { get; }
    /// <summary>100 ns units of virtual time since the start.</summary>
    public long NowTicks { get; private set; }
    public long NowMs => NowTicks / TimeSpan.TicksPerMillisecond;
    public int Steps => steps;

    /// <summary>The last things that happened, oldest first.</summary>
    public Queue<string> Trace { get; } = new();

    public void Note(string what)
    {
        if (Trace.Count >= 400) Trace.Dequeue();
        Trace.Enqueue($"{NowMs,7} {what}");
    }

    public bool Chance(double probability) => Random.NextDouble() < probability;
    public int Between(int low, int high) => Random.Next(low, high + 1);

    private sealed class SimThread(object owner, string name)
    {
        public object Owner { get; } = owner;
        public string Name { get; } = name;
        public Func<bool>? Until { get; set; }
        public long Deadline { get; set; } = long.MaxValue;
        public SemaphoreSlim Baton { get; } = new(0);
    }

    public sealed class Timer(object owner, Action fire)
    {
        public object Owner { get; } = owner;
        public Action Fire { get; } = fire;
        public bool Cancelled { get; set; }
    }

    /// <summary>Runs <paramref name="script"/> as the first thread and returns when it ended; throws the first violation.</summary>
    public void Run(Action script)
    {
        Start(this, "script", () =>
        {
            script();
            ended.Set();
        });
        current = threads[0];
        current.Baton.Release();
        ended.Wait();
        if (failure is not null) throw failure;
    }

    public void Fail(Exception error)
    {
        failure ??= error;
        ended.Set();
    }

    /// <summary>Starts a thread of <paramref name="owner"/>; it first runs when the scheduler picks it.</summary>
    public void Start(object owner, string name, Action work)
    {
        var thread = new SimThread(owner, name);
        threads.Add(thread);
        Workers.Run(() =>
        {
            thread.Baton.Wait();
            try { if (failure is null) work(); }
            catch (Exception e) { Fail(e as ViolationException ?? (Exception?)(e as Xunit.Sdk.XunitException) ?? new ViolationException($"thread {name} of {owner} threw {e}")); }
            threads.Remove(thread);
            if (failure is null && !ended.IsSet) Switch(null);
        });
    }

    /// <summary>Runs <paramref name="action"/> soon, on whatever thread is at hand; never while its owner is frozen.</summary>
    public void Soon(object owner, Action action) => ready.Add((owner, action));

    public Timer After(object owner, long ms, Action action) => AfterTicks(owner, ms * TimeSpan.TicksPerMillisecond, action);

    public Timer AfterTicks(object owner, long ticks, Action action)
    {
        var timer = new Timer(owner, action);
        timers.Enqueue(timer, (NowTicks + ticks, order++));
        return timer;
    }

    /// <summary>Others may run now.</summary>
    public void Yield() => WaitUntil(null, 0);

    public void Sleep(long ms) => WaitUntil(static () => false, ms);

    /// <summary>Blocks the calling thread; true if the condition holds, false after <paramref name="timeoutMs"/> (-1 = never).</summary>
    public bool WaitUntil(Func<bool>? condition, long timeoutMs)
    {
        if (failure is not null) throw new ViolationException("the simulation has failed already");
        var me = current;
        me.Until = condition;
        me.Deadline = timeoutMs < 0 ? long.MaxValue : NowTicks + timeoutMs * TimeSpan.TicksPerMillisecond;
        Switch(me);
        return condition is null || condition();
    }

    public void Freeze(object owner) => frozen.Add(owner);
    public void Thaw(object owner) => frozen.Remove(owner);
    public bool IsFrozen(object owner) => frozen.Contains(owner);
    public IEnumerable<string> ThreadsOf(object owner) => threads.Where(t => t.Owner == owner).Select(t => t.Name);

    /// <summary>Picks who runs next; returns when <paramref name="me"/> may go on (at once if it ends: null).</summary>
    private void Switch(SimThread? me)
    {
        var next = Pick();
        if (next is null || next == me) return;
        current = next;
        next.Baton.Release();
        if (me is null) return;
        me.Baton.Wait();
        if (failure is not null) throw new ViolationException("the simulation has failed already");
    }

    private SimThread? Pick()
    {
        while (true)
        {
            if (++steps > MaxSteps) return Broken($"no end after {MaxSteps} steps, at {NowMs} ms of virtual time");
            NowTicks += Random.Next(0, 1_000); // up to 0.1 ms
            FireTimers();
            var runnable = new List<SimThread>(threads.Count);
            foreach (var thread in threads)
                if (!frozen.Contains(thread.Owner) && (thread.Deadline <= NowTicks || thread.Until is null || thread.Until())) runnable.Add(thread);
            var events = 0;
            foreach (var (owner, _) in ready)
                if (!frozen.Contains(owner)) events++;
            if (runnable.Count + events == 0)
            {
                if (!Advance()) return Broken("nothing can run and no timer is set: a deadlock");
                continue;
            }
            var choice = Random.Next(runnable.Count + events);
            if (choice < runnable.Count) return runnable[choice];
            choice -= runnable.Count;
            for (var i = 0; i < ready.Count; i++)
            {
                if (frozen.Contains(ready[i].Owner) || choice-- > 0) continue;
                var run = ready[i].Run;
                ready.RemoveAt(i);
                run();
                break;
            }
        }
    }

    private SimThread? Broken(string why)
    {
        Fail(new ViolationException($"{why}; waiting: {string.Join(", ", threads.Select(t => $"{t.Owner}/{t.Name}"))}"));
        return null;
    }

    private void FireTimers()
    {
        while (timers.TryPeek(out var timer, out var at) && (at.Due <= NowTicks || timer.Cancelled))
        {
            timers.Dequeue();
            if (!timer.Cancelled) ready.Add((timer.Owner, () => { if (!timer.Cancelled) timer.Fire(); }));
        }
    }

    private bool Advance()
    {
        var next = timers.TryPeek(out _, out var at) ? at.Due : long.MaxValue;
        foreach (var thread in threads)
            if (!frozen.Contains(thread.Owner)) next = Math.Min(next, thread.Deadline);
        if (next == long.MaxValue) return false;
        NowTicks = Math.Max(NowTicks, next);
        return true;
    }
}
