using System.Text.Json;
using System.Text.Json.Nodes;
using StreamPlatform.Tests.Benchmarks.Benches;
using StreamPlatform.Tests.Benchmarks.Kafka;

namespace StreamPlatform.Tests.Benchmarks;

/// <summary>Runs one benchmark by its name, on one fresh Apache Kafka or on what it starts itself, and prints its result: text, or one JSON object on stdout.</summary>
internal static class BenchRun
{
    private static readonly Dictionary<string, Func<BenchKafka, BenchOptions, Task<JsonObject>>> Benches = new()
    {
        ["runtime-map"] = ThroughputBench.Map,
        ["runtime-window"] = ThroughputBench.Window,
        ["runtime-raw"] = ThroughputBench.Raw,
        ["runtime-keys"] = KeysBench.RunAsync,
        ["runtime-restore"] = RestoreBench.RunAsync,
        ["runtime-latency"] = LatencyBench.RunAsync,
    };

    private static readonly Dictionary<string, Func<BenchOptions, Task<JsonObject>>> Standalone = new()
    {
        ["emotion"] = EmotionBench.RunAsync,
        ["sink-cassandra"] = SinkCassandraBench.RunAsync,
        ["resumes"] = ResumesBench.RunAsync,
        ["interviews"] = InterviewsBench.RunAsync,
        ["sink-postgres"] = SinkPostgresBench.RunAsync,
        ["caches"] = CachesBench.RunAsync,
        ["queries-postgres"] = QueriesPostgresBench.RunAsync,
    };

    public static string Names => string.Join(", ", Benches.Keys.Concat(Standalone.Keys));

    public static async Task<int> RunAsync(BenchOptions options)
    {
        var result = new JsonObject { ["bench"] = options.Name };
        foreach (var (name, value) in await MeasureAsync(options)) result[name] = value?.DeepClone();
        Console.WriteLine(options.Json ? result.ToJsonString() : result.ToJsonString(Indented));
        return 0;
    }

    private static async Task<JsonObject> MeasureAsync(BenchOptions options)
    {
        if (Standalone.TryGetValue(options.Name, out var alone)) return await alone(options);
        if (!Benches.TryGetValue(options.Name, out var bench)) throw new BenchFailedException($"there is no benchmark '{options.Name}'; there are {Names}");
        await using var kafka = await BenchKafka.StartAsync();
        return await bench(kafka, options);
    }

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
}
