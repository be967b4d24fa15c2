namespace StreamPlatform.Streams;

/// <summary>Where work off the owner loop runs; a simulation injects its own.</summary>
public interface IScheduling
{
    /// <summary>Starts <paramref name="work"/> elsewhere; the work never throws.</summary>
    void RunAsync(Func<Task> work);

    /// <summary>Runs blocking <paramref name="work"/> on a thread of its own until it returns.</summary>
    void RunThread(string name, Action work);
}

/// <summary>The thread pool and real threads.</summary>
public sealed class ThreadScheduling : IScheduling
{
    public static ThreadScheduling Instance { get; } = new();
    public void RunAsync(Func<Task> work) => _ = Task.Run(work);
    public void RunThread(string name, Action work) => new Thread(() => work()) { IsBackground = true, Name = name }.Start();
}
