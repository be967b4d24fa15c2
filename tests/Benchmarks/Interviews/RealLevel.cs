using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using StreamPlatform.AllInOne;
using StreamPlatform.Hosting;
using StreamPlatform.Tests.Benchmarks.Kafka;

namespace StreamPlatform.Tests.Benchmarks.Interviews;

/// <summary>A number of simulated interviews on a fresh platform with its real models: gateway, embedded broker, every processor, PostgreSQL.</summary>
internal static class RealLevel
{
    private const double AckLimitMs = 400;
    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <returns>The level's numbers; "passed" says whether it was held.</returns>
    public static async Task<JsonObject> RunAsync(int interviews, int seconds)
    {
        var data = Path.Combine(Path.GetTempPath(), $"bench-interviews-{Guid.NewGuid():N}"); // open to the user that runs PostgreSQL
        try
        {
            var options = PlatformOptions.FromEnvironment(LogLevel.Error);
            (options.Data, options.Listen, options.BrokerListen, options.RegistryListen) = (data, "127.0.0.1:0", "127.0.0.1:0", "127.0.0.1:0");
            await using var platform = await Platform.StartAsync(options, TimeProvider.System, new Progress<string>(_ => { }), CancellationToken.None);
            using var meter = new ResultMeter(platform.BootstrapServers);
            var cpu = Process.GetCurrentProcess().TotalProcessorTime;
            var load = await LoadProcess.RunAsync("interviews", $"{platform.Address}", $"{interviews}", $"{seconds}");
            var (acked, answers) = (load["frames_acked"]!.GetValue<long>(), load["answers"]!.GetValue<long>());
            var counts = await meter.WaitAsync(acked, answers, Patience);
            var used = (Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds;
            return Level(interviews, seconds, load, counts, meter.Latencies, used);
        }
        finally
        {
            if (Directory.Exists(data)) Directory.Delete(data, recursive: true);
        }
    }

    private static JsonObject Level(int interviews, int seconds, JsonObject load, ResultCounts counts, List<double> latencies, double cpu)
    {
        var (acked, answers, until) = (load["frames_acked"]!.GetValue<long>(), load["answers"]!.GetValue<long>(), load["filmed_until_ms"]!.GetValue<long>());
        var (frameDrain, scoreDrain) = (Math.Max(0, counts.LastFrameMs - until) / 1000.0, Math.Max(0, counts.LastScoreMs - until) / 1000.0);
        var p99 = load["ack_p99_ms"]!.GetValue<double>();
        List<string> why = [];
        if (load["failed"]!.GetValue<int>() + load["refused"]!.GetValue<int>() > 0) why.Add($"{load["failed"]} interviews broke off, {load["refused"]} messages were refused: {load["first_failure"]}");
        if (counts.Frames != acked) why.Add($"{counts.Frames} of {acked} acknowledged frames were accounted for {Patience.TotalSeconds:0} s after the end");
        else if (frameDrain > Drain.TotalSeconds) why.Add($"frames took {frameDrain:f1} s to drain");
        if (counts.Scores != answers) why.Add($"{counts.Scores} of {answers} answers were scored {Patience.TotalSeconds:0} s after the end");
        else if (scoreDrain > Drain.TotalSeconds) why.Add($"answers took {scoreDrain:f1} s to drain");
        if (p99 >= AckLimitMs) why.Add($"the acknowledgement's p99 was {p99} ms");
        Say.Line($"{interviews} interviews: {(why.Count == 0 ? "held" : string.Join("; ", why))} (analysed {counts.Analysed}, skipped {counts.Skipped}, dead {counts.Dead} of {acked}; ack p99 {p99} ms; drains {frameDrain:f1} and {scoreDrain:f1} s)");
        return new JsonObject
        {
            ["interviews"] = interviews, ["passed"] = why.Count == 0, ["hold_s"] = seconds,
            ["frames"] = new JsonObject { ["acked"] = acked, ["analysed"] = counts.Analysed, ["skipped"] = counts.Skipped, ["dead_lettered"] = counts.Dead },
            ["analysed_share"] = acked == 0 ? 0 : Math.Round((double)counts.Analysed / acked, 3), ["answers"] = answers, ["scores"] = counts.Scores,
            ["ack_ms"] = new JsonObject { ["p50"] = load["ack_p50_ms"]!.GetValue<double>(), ["p99"] = p99 },
            ["capture_to_result_ms"] = new JsonObject { ["p50"] = Quantile.Of(latencies, 0.5), ["p99"] = Quantile.Of(latencies, 0.99) },
            ["drain_s"] = new JsonObject { ["frames"] = Math.Round(frameDrain, 1), ["scores"] = Math.Round(scoreDrain, 1) },
            ["platform_cpu_s"] = Math.Round(cpu, 1), ["generator_cpu_s"] = load["cpu_s"]!.GetValue<double>(),
            ["why"] = string.Join("; ", why),
        };
    }
}
