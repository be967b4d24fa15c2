namespace StreamPlatform.Streams;

/// <summary>Where work off the owner loop runs, and how its threads wait for each other; a simulation injects its own.</summary>
public interface IScheduling
{
    /// <summary>Starts <paramref name="work"/> elsewhere; the work never throws.</summary>
    void RunAsync(Func<Task> work);

    /// <summary>Runs blocking <paramref name="work"/> on a thread of its own until it returns.</summary>
    void RunThread(string name, Action work);

    ISignal CreateSignal(bool set = false);
}

/// <summary>A flag that threads wait for. The runtime's threads block here and in <see cref="ITransport"/>, nowhere else.</summary>
public interface ISignal
{
    bool IsSet { get; }
    void Set();
    void Reset();
    /// <summary>True as soon as it is set, false after <paramref name="timeout"/>; <see cref="Timeout.InfiniteTimeSpan"/> waits without end.</summary>
    bool Wait(TimeSpan timeout);
}

/// <summary>The thread pool and real threads.</summary>
public sealed class ThreadScheduling : IScheduling
{
    public static ThreadScheduling Instance { get; } = new();
    public void RunAsync(Func<Task> work) => ThreadPool.UnsafeQueueUserWorkItem(static work => _ = work(), work, preferLocal: false);
    public void RunThread(string name, Action work) => new Thread(() => work()) { IsBackground = true, Name = name }.Start();
    public ISignal CreateSignal(bool set) => new ThreadSignal(set);

    private sealed class ThreadSignal(bool set) : ISignal
    {
        private readonly ManualResetEventSlim flag = new(set); // its wait handle is never made, so there is nothing to dispose
        public bool IsSet => flag.IsSet;
        public void Set() => flag.Set();
        public void Reset() => flag.Reset();
        public bool Wait(TimeSpan timeout) => flag.Wait(timeout);
    }
}
