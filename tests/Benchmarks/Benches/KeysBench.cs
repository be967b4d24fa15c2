using System.Text.Json.Nodes;
using StreamPlatform.Tests.Benchmarks.Kafka;

namespace StreamPlatform.Tests.Benchmarks.Benches;

/// <summary>
/// Records on one partition, each step 3 ms, concurrency 100, 1,000 keys: ours from the first step to the last exactly-once output seen, beside
/// parallel-consumer KEY, which times its steps only: it neither writes outputs nor commits within its time. And both over fewer keys.
/// </summary>
internal static class KeysBench
{
    private const long Records = 10_000;

    public static async Task<JsonObject> RunAsync(BenchKafka kafka, BenchOptions options)
    {
        var records = options.Records ?? Records;
        // not counted: the fresh broker's first transactions take longer than the work, and only ours has transactions
        await kafka.FillAsync("keys-warm-up", records, valueBytes: 200, keys: 1_000, partitions: 1);
        await OursAsync(kafka, "keys-warm-up", "keys-warm-up-out", records);
        var result = await CompareAsync(kafka, records, keys: 1_000, options.Runs);
        var curve = new JsonArray();
        foreach (var keys in new[] { 1, 10, 100 })
        {
            // one key is one step after the other, 3 ms each: a tenth of the records says as much
            var some = await CompareAsync(kafka, keys == 1 ? Math.Max(1_000, records / 10) : records, keys, runs: 1);
            curve.Add(new JsonObject { ["keys"] = keys, ["ours"] = some["ours"]!.DeepClone(), ["peer"] = some["peer"]!.DeepClone(), ["ratio"] = some["ratio"]!.DeepClone() });
        }
        result["curve"] = curve;
        result["note"] = "ours writes and commits exactly-once outputs within its time, the peer neither writes nor commits";
        return result;
    }

    private static async Task<JsonObject> CompareAsync(BenchKafka kafka, long records, int keys, int runs)
    {
        var input = $"keys-{keys}";
        await kafka.FillAsync(input, records, valueBytes: 200, keys, partitions: 1);
        return await Alternation.RunAsync(runs,
            run => OursAsync(kafka, input, $"{input}-out-{run}", records),
            _ => kafka.PeerAsync("ParallelBench", kafka.BootstrapServers, input, $"{records}", $"{Work.KeysWork.Concurrency}", "KEY", $"{Work.KeysWork.StepMs}"),
            null);
    }

    private static async Task<JsonObject> OursAsync(BenchKafka kafka, string input, string output, long records)
    {
        await kafka.CreateAsync(output, partitions: 1);
        return await kafka.ShortWorkerAsync("keys", kafka.BootstrapServers, input, output, $"{records}", "1", "100");
    }
}
