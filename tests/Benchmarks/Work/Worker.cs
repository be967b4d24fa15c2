using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text.Json.Nodes;
using StreamPlatform.Tests.Benchmarks.Interviews;

namespace StreamPlatform.Tests.Benchmarks.Work;

/// <summary>What a worker is told: KIND BOOTSTRAP IN OUT RECORDS INSTANCES COMMIT_MS.</summary>
internal sealed record WorkerArguments(string Kind, string BootstrapServers, string In, string Out, long Records, int Instances, int CommitMs)
{
    public string Id { get; } = $"bench-{Guid.NewGuid():N}";

    public static WorkerArguments Parse(string[] args) => new(args[0], args[1], args[2], args[3], long.Parse(args[4], CultureInfo.InvariantCulture), int.Parse(args[5], CultureInfo.InvariantCulture), int.Parse(args[6], CultureInfo.InvariantCulture));
}

/// <summary>One measured run in a process of its own; prints one JSON line, as the Java peers do.</summary>
internal static class Worker
{
    public static async Task<int> RunAsync(string[] args)
    {
        if (args is ["interviews" or "events", ..])
        {
            var load = args[0] == "events" ? await EventLoad.RunAsync(args[1..]) : await InterviewLoad.RunAsync(args[1..]);
            Console.WriteLine(load.ToJsonString());
            return 0;
        }
        var arguments = WorkerArguments.Parse(args);
        if (arguments.Kind.StartsWith("restore", StringComparison.Ordinal))
        {
            var only = await RestoreWork.RunAsync(arguments);
            Console.WriteLine(only.ToJsonString());
            return 0;
        }
        using var meter = new OutputMeter(arguments);
        var allocated = GC.GetTotalAllocatedBytes();
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        long commits = 0;
        double commitMs = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, me) => { if (instrument.Name == "streams.commit.duration") me.EnableMeasurementEvents(instrument); };
        listener.SetMeasurementEventCallback<double>((_, ms, _, _) => { lock (listener) { commits++; commitMs += ms; } });
        listener.Start();
        await using var work = await StartAsync(arguments);
        var (seen, total, afterFirst) = meter.Wait();
        if (arguments.Kind == "keys") afterFirst = KeysWork.SinceFirstStep; // from the first step on, as its peer
        var result = new JsonObject
        {
            ["worker"] = arguments.Kind, ["records"] = seen, ["total_s"] = Math.Round(total, 3), ["after_first_s"] = Math.Round(afterFirst, 3),
            ["records_per_s"] = Math.Round(seen / afterFirst),
            ["allocated_bytes_per_record"] = (GC.GetTotalAllocatedBytes() - allocated) / seen,
            ["cpu_us_per_record"] = Math.Round((Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalMicroseconds / seen, 2),
            ["collections"] = $"{GC.CollectionCount(0)}/{GC.CollectionCount(1)}/{GC.CollectionCount(2)}",
        };
        if (commits > 0) (result["commits"], result["commit_ms_mean"]) = (commits, Math.Round(commitMs / commits, 1));
        Console.WriteLine(result.ToJsonString());
        if (seen < arguments.Records) await Console.Error.WriteLineAsync($"only {seen} of {arguments.Records} outputs came within the time");
        return seen < arguments.Records ? 1 : 0;
    }

    private static Task<IAsyncDisposable> StartAsync(WorkerArguments arguments) => arguments.Kind switch
    {
        "loop-transactional" => PlainLoop.StartAsync(arguments, transactional: true),
        "loop-plain" => PlainLoop.StartAsync(arguments, transactional: false),
        _ => RuntimeWork.StartAsync(arguments),
    };
}
