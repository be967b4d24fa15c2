using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace StreamPlatform.Tests.Benchmarks.Work;

/// <summary>
/// An answer after a fixed time, as from a remote service: exact to about 0.1 ms, as Java's Thread.sleep in the peer. Task.Delay counts in whole ticks of a millisecond and takes one to two of them longer,
/// which would make the step 4 to 5 ms and not 3.
/// </summary>
internal sealed class ExactDelay
{
    private readonly ConcurrentQueue<(long DueAt, TaskCompletionSource Answer)> waiting = new(); // all wait equally long: first in, first due
    private readonly SemaphoreSlim any = new(0);
    private readonly long ticks;

    public ExactDelay(int ms)
    {
        ticks = Stopwatch.Frequency * ms / 1_000;
        new Thread(Run) { IsBackground = true, Name = "exact-delay" }.Start();
    }

    public Task Wait()
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        waiting.Enqueue((Stopwatch.GetTimestamp() + ticks, answer));
        any.Release();
        return answer.Task;
    }

    private void Run()
    {
        while (true)
        {
            any.Wait();
            waiting.TryDequeue(out var next);
            var rest = next.DueAt - Stopwatch.GetTimestamp();
            if (rest > 0)
            {
                var nanoseconds = new TimeSpec { Nanoseconds = (nint)(rest * (1_000_000_000.0 / Stopwatch.Frequency)) };
                _ = nanosleep(nanoseconds, 0);
            }
            next.Answer.SetResult();
        }
    }

    private struct TimeSpec
    {
        public nint Seconds { get; init; }
        public nint Nanoseconds { get; init; }
    }

    [DllImport("libc")]
    private static extern int nanosleep(in TimeSpec time, nint rest);
}
