using System.Text.Json.Nodes;
using StreamPlatform.Streams;
using StreamPlatform.Tests.Benchmarks.Kafka;
using StreamPlatform.Tests.Benchmarks.Work;

namespace StreamPlatform.Tests.Benchmarks.Benches;

/// <summary>State of 1,000,000 keys restored from its changelog, from assignment to start, beside a plain consumer that reads the same changelog and keeps nothing.</summary>
internal static class RestoreBench
{
    private const string Application = "bench-restore";
    private const string Input = "bench-restore-in";

    public static async Task<JsonObject> RunAsync(BenchKafka kafka, BenchOptions options)
    {
        var records = $"{options.Records ?? 1_000_000}";
        await kafka.CreateAsync(Input);
        await kafka.CreateAsync(Streams.Topology.ChangelogTopicOf(Application, RestoreWork.Store), config: new() { ["cleanup.policy"] = "compact" });
        Say.Line($"filling a changelog with {records} keys");
        await Worker("restore-fill");
        return await Alternation.RunAsync(options.Runs, _ => Worker("restore"), _ => Worker("restore-plain"), null);

        Task<JsonObject> Worker(string kind) => kafka.WorkerAsync(kind, kafka.BootstrapServers, Application, Input, records, "1", "100");
    }
}
