using System.Text.Json.Nodes;
using StreamPlatform.Tests.Benchmarks.Kafka;
using StreamPlatform.Tests.Benchmarks.Work;

namespace StreamPlatform.Tests.Benchmarks.Benches;

/// <summary>
/// Exactly-once latency of a map, from a record's creation to its output at a read_committed consumer, at 2,000 records/s, with a commit every 100 ms and every 10 ms, beside
/// Kafka Streams. The ratio is the peer's p50 over ours.
/// </summary>
internal static class LatencyBench
{
    private const int WarmUp = 8_000;
    private const int Measured = 12_000;

    public static async Task<JsonObject> RunAsync(BenchKafka kafka, BenchOptions options)
    {
        var every100 = await CompareAsync(kafka, commitMs: 100, options.Runs);
        var every10 = await CompareAsync(kafka, commitMs: 10, options.Runs);
        return new JsonObject
        {
            ["unit"] = "ms", ["ours"] = every100["ours"]!["p50"]!.DeepClone(), ["peer"] = every100["peer"]!["p50"]!.DeepClone(), ["ratio"] = every100["ratio"]!.DeepClone(),
            ["spread"] = every100["spread"]!.DeepClone(), ["commit_100_ms"] = every100, ["commit_10_ms"] = every10,
        };
    }

    private static async Task<JsonObject> CompareAsync(BenchKafka kafka, int commitMs, int runs)
    {
        List<long[]> ours = [], peers = [];
        List<double> ratios = [];
        for (var run = 1; run <= runs; run++)
        {
            ours.Add(await MeasureAsync(kafka, $"latency-ours-{commitMs}-{run}", (input, output) =>
                kafka.WorkerAsync("map", kafka.BootstrapServers, input, output, $"{WarmUp + Measured}", "2", $"{commitMs}")));
            peers.Add(await MeasureAsync(kafka, $"latency-peer-{commitMs}-{run}", (input, output) =>
                kafka.PeerAsync("StreamsBench", "map", "exactly_once_v2", kafka.BootstrapServers, input, output, $"{WarmUp + Measured}", "2", $"{commitMs}")));
            ratios.Add(At(peers[^1], 0.5) / Math.Max(1, At(ours[^1], 0.5)));
            Say.Line($"commit {commitMs} ms, run {run} of {runs}: ours p50 {At(ours[^1], 0.5)} p99 {At(ours[^1], 0.99)}, peer p50 {At(peers[^1], 0.5)} p99 {At(peers[^1], 0.99)} ms");
        }
        return new JsonObject
        {
            ["ours"] = Percentiles(ours), ["peer"] = Percentiles(peers), ["ratio"] = Math.Round(Alternation.Median(ratios), 3),
            ["spread"] = new JsonObject { ["min"] = Math.Round(ratios.Min(), 3), ["median"] = Math.Round(Alternation.Median(ratios), 3), ["max"] = Math.Round(ratios.Max(), 3) },
        };
    }

    private static async Task<long[]> MeasureAsync(BenchKafka kafka, string name, Func<string, string, Task<JsonObject>> system)
    {
        var (input, output) = (name, $"{name}-out");
        await kafka.CreateAsync(input);
        await kafka.CreateAsync(output);
        var probe = new LatencyProbe(kafka.BootstrapServers, input, output).RunAsync(WarmUp, Measured);
        await system(input, output);
        return await probe;
    }

    private static JsonObject Percentiles(List<long[]> runs) => new()
    {
        ["p50"] = Alternation.Median([.. runs.Select(r => At(r, 0.5))]), ["p99"] = Alternation.Median([.. runs.Select(r => At(r, 0.99))]),
    };

    private static double At(long[] sorted, double share) => sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];
}
