using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace StreamPlatform.Tests.Benchmarks.Interviews;

/// <summary>The load generator, a process of its own: <c>worker interviews ADDRESS COUNT SECONDS</c> plays interviews at once and prints what was acknowledged.</summary>
internal static class InterviewLoad
{
    public static async Task<JsonObject> RunAsync(string[] args)
    {
        var (platform, count) = (new Uri(args[0]), int.Parse(args[1], CultureInfo.InvariantCulture));
        var length = TimeSpan.FromSeconds(int.Parse(args[2], CultureInfo.InvariantCulture));
        var material = LoadMaterial.Load();
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(60) };
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var interviews = Enumerable.Range(0, count).Select(n => new LoadInterview(platform, http, material, n)).ToList();
        var failures = new ConcurrentQueue<string>();
        await Task.WhenAll(interviews.Select(async (interview, n) =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2_000.0 * n / count)); // people do not start in step
            try { await interview.PlayAsync(length); }
            catch (Exception e) { failures.Enqueue($"{e.GetType().Name}: {e.Message}"); }
        }));
        var clients = interviews.Select(i => i.Client).OfType<Cli.Demo.CaptureClient>().ToList();
        var acks = clients.SelectMany(c => c.AckLatenciesMs).Order().ToList();
        var refused = clients.Sum(c => c.Errors.Count);
        return new JsonObject
        {
            ["frames_sent"] = clients.Sum(c => c.Frames.Sent), ["frames_acked"] = clients.Sum(c => c.Frames.Acked), ["chunks_acked"] = clients.Sum(c => c.Audio.Acked),
            ["answers"] = 2 * (count - failures.Count), ["failed"] = failures.Count, ["refused"] = refused,
            ["first_failure"] = failures.FirstOrDefault() ?? clients.SelectMany(c => c.Errors).FirstOrDefault(),
            ["ack_p50_ms"] = Quantile.Of(acks, 0.5), ["ack_p99_ms"] = Quantile.Of(acks, 0.99),
            ["filmed_until_ms"] = interviews.Max(i => i.FilmedUntilMs), ["frame_bytes"] = Math.Round(material.FrameBytes),
            ["cpu_s"] = Math.Round((Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds, 1),
        };
    }
}

internal static class Quantile
{
    /// <summary>0 of nothing.</summary>
    public static double Of(List<double> sorted, double quantile) => sorted.Count == 0 ? 0 : Math.Round(sorted[Math.Min(sorted.Count - 1, (int)(quantile * sorted.Count))], 1);
}
