using System.Collections.Concurrent;

namespace StreamPlatform.Tests.Unit.Streams.Simulation;

/// <summary>Real threads, used again by the next simulated thread: starting one costs more than a whole step.</summary>
internal static class Workers
{
    private static readonly ConcurrentBag<Worker> Idle = [];

    public static void Run(Action work)
    {
        if (!Idle.TryTake(out var worker)) worker = new Worker();
        worker.Give(work);
    }

    private sealed class Worker
    {
        private readonly SemaphoreSlim given = new(0);
        private Action work = null!;

        public Worker() => new Thread(Loop) { IsBackground = true, Name = "simulation" }.Start();

        public void Give(Action next)
        {
            work = next;
            given.Release();
        }

        private void Loop()
        {
            while (true)
            {
                given.Wait();
                work();
                Idle.Add(this);
            }
        }
    }
}
