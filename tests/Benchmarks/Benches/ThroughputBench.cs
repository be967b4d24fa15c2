using System.Text.Json.Nodes;
using StreamPlatform.Tests.Benchmarks.Kafka;

namespace StreamPlatform.Tests.Benchmarks.Benches;

/// <summary>
/// Records per second from the first to the last output seen by a read_committed consumer: 2,000,000 records of 200 bytes, 1,000 keys, 4 partitions,
/// 2 instances (threads), commit every 100 ms.
/// </summary>
internal static class ThroughputBench
{
    private const long Records = 2_000_000;
    private const string In = "bench-in";

    public static Task<JsonObject> Map(BenchKafka kafka, BenchOptions options) => RunAsync(kafka, options, "map", Streams(kafka, "map"), "loop-transactional");

    public static Task<JsonObject> Window(BenchKafka kafka, BenchOptions options) => RunAsync(kafka, options, "window", Streams(kafka, "window"), "loop-transactional");

    public static Task<JsonObject> Raw(BenchKafka kafka, BenchOptions options) =>
        RunAsync(kafka, options, "raw", (output, records) => kafka.WorkerAsync("loop-plain", kafka.BootstrapServers, In, output, $"{records}", "2", "100"), "loop-transactional");

    private static Func<string, long, Task<JsonObject>> Streams(BenchKafka kafka, string mode) => (output, records) =>
        kafka.PeerAsync("StreamsBench", mode, "exactly_once_v2", kafka.BootstrapServers, In, output, $"{records}", "2", "100");

    private static async Task<JsonObject> RunAsync(BenchKafka kafka, BenchOptions options, string ours, Func<string, long, Task<JsonObject>> peer, string ceiling)
    {
        var records = options.Records ?? Records;
        await kafka.FillAsync(In, records, valueBytes: 200, keys: 1_000);
        return await Alternation.RunAsync(options.Runs,
            run => OnNewTopic(kafka, $"ours-{run}", output => kafka.WorkerAsync(ours, kafka.BootstrapServers, In, output, $"{records}", "2", "100")),
            run => OnNewTopic(kafka, $"peer-{run}", output => peer(output, records)),
            run => OnNewTopic(kafka, $"ceiling-{run}", output => kafka.WorkerAsync(ceiling, kafka.BootstrapServers, In, output, $"{records}", "2", "100")));
    }

    private static async Task<JsonObject> OnNewTopic(BenchKafka kafka, string topic, Func<string, Task<JsonObject>> work)
    {
        await kafka.CreateAsync(topic);
        var result = await work(topic);
        await kafka.DeleteAllButAsync(In);
        return result;
    }
}
