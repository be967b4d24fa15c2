using System.Diagnostics;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Benchmarks.Work;

/// <summary>Each record waits 3 ms in an asynchronous step, at most 100 at once, one at a time per key.</summary>
internal static class KeysWork
{
    public const int StepMs = 3;
    public const int Concurrency = 100;
    private static readonly ExactDelay Service = new(StepMs);
    private static long first;

    /// <summary>Seconds since the first step began.</summary>
    public static double SinceFirstStep => Stopwatch.GetElapsedTime(Interlocked.Read(ref first)).TotalSeconds;

    public static void Build(StreamsBuilder builder, WorkerArguments arguments) =>
        builder.Stream(arguments.In, Serdes.Utf8, Serdes.Bytes).MapAsync("work", async (_, value, _) =>
        {
            if (Volatile.Read(ref first) == 0) Interlocked.CompareExchange(ref first, Stopwatch.GetTimestamp(), 0);
            await Service.Wait().ConfigureAwait(false);
            return value;
        }, new StepOptions { MaxConcurrency = Concurrency }).To(arguments.Out, Serdes.Utf8, Serdes.Bytes);
}
