namespace StreamPlatform.Streams;

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
