using System.Text.Json.Nodes;
using StreamPlatform.Tests.Benchmarks.Kafka;

namespace StreamPlatform.Tests.Benchmarks.Benches;

/// <summary>Runs ours, the peer and, where there is one, the ceiling by turns, because machines drift, and takes medians.</summary>
internal static class Alternation
{
    public static async Task<JsonObject> RunAsync(int runs, Func<int, Task<JsonObject>> ours, Func<int, Task<JsonObject>> peer, Func<int, Task<JsonObject>>? ceiling)
    {
        List<double> our = [], their = [], ceilings = [], ratios = [];
        var all = new JsonArray();
        for (var run = 1; run <= runs; run++)
        {
            // who goes first changes, so that neither always finds the disk or the page cache as the other left them
            var (a, b) = run % 2 == 1 ? (await ours(run), await peer(run)) : Swap(await peer(run), await ours(run));
            var c = ceiling is null ? null : await ceiling(run);
            our.Add(Rate(a));
            their.Add(Rate(b));
            if (c is not null) ceilings.Add(Rate(c));
            ratios.Add(our[^1] / their[^1]);
            all.Add(new JsonObject { ["ours"] = a, ["peer"] = b, ["ceiling"] = c, ["ratio"] = Math.Round(ratios[^1], 3) });
            Say.Line($"run {run} of {runs}: ours {our[^1]:n0}/s, peer {their[^1]:n0}/s, ratio {ratios[^1]:f2}" + (c is null ? "" : $", ceiling {ceilings[^1]:n0}/s"));
        }
        var result = new JsonObject
        {
            ["ours"] = Math.Round(Median(our)), ["peer"] = Math.Round(Median(their)), ["ratio"] = Math.Round(Median(ratios), 3),
            ["spread"] = new JsonObject { ["min"] = Math.Round(ratios.Min(), 3), ["median"] = Math.Round(Median(ratios), 3), ["max"] = Math.Round(ratios.Max(), 3) },
            ["runs"] = all,
            ["ceiling"] = ceilings.Count == 0 ? null : new JsonObject
            {
                ["what"] = "bare transactional Confluent.Kafka consume-produce loop",
                ["records_per_s"] = Math.Round(Median(ceilings)), ["ratio"] = Math.Round(Median(ceilings) / Median(their), 3),
            },
        };
        return result;
    }

    public static double Median(List<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[sorted.Count / 2 - 1] + sorted[sorted.Count / 2]) / 2;
    }

    private static double Rate(JsonObject result) => result["records_per_s"]!.GetValue<double>();

    private static (JsonObject, JsonObject) Swap(JsonObject first, JsonObject second) => (second, first);
}
