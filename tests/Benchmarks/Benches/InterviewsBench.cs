using System.Text.Json.Nodes;
using StreamPlatform.Inference.Faces;
using StreamPlatform.Tests.Benchmarks.Faces;
using StreamPlatform.Tests.Benchmarks.Interviews;
using StreamPlatform.Tests.Benchmarks.Kafka;

namespace StreamPlatform.Tests.Benchmarks.Benches;

/// <summary>
/// The highest number of simultaneous simulated interviews that this machine holds with no loss and bounded lag, beside what the bare models could carry; then the stream path alone
/// with recorded results at 500 and 1,000.
/// </summary>
internal static class InterviewsBench
{
    private const int PeerFrames = 320;
    private const double FramesPerSecond = 2;
    private static readonly TimeSpan SearchLimit = TimeSpan.FromMinutes(5);

    public static async Task<JsonObject> RunAsync(BenchOptions options)
    {
        var analyzer = new FaceAnalyzerOptions { ModelDirectory = Environment.GetEnvironmentVariable("STREAMPLATFORM_MODELS") ?? Path.Combine(".cache", "models") };
        var (peers, cpuMs) = Peers(options.Runs, analyzer);
        var faces = await RecordedFaces.RecordAsync(LoadMaterial.Load(), analyzer);
        await RealLevel.RunAsync(2, 6); // what is compiled and loaded once is not measured
        var (held, levels) = await LevelSearch.RunAsync(level => RealLevel.RunAsync(level, options.Hold), SearchLimit);
        var stream = new JsonArray();
        foreach (var level in new[] { 100, 500, 1_000 }) stream.Add(await StreamLevel.RunAsync(level, options.Hold, faces));
        var ratios = peers.Select(p => held / p).ToList();
        return new JsonObject
        {
            ["unit"] = "simultaneous interviews", ["ours"] = held, ["peer"] = Math.Round(Alternation.Median(peers), 1), ["ratio"] = Math.Round(Alternation.Median(ratios), 3),
            ["spread"] = new JsonObject { ["min"] = Math.Round(ratios.Min(), 3), ["median"] = Math.Round(Alternation.Median(ratios), 3), ["max"] = Math.Round(ratios.Max(), 3) },
            ["cores"] = Environment.ProcessorCount, ["hold_s"] = options.Hold, ["bare_model_cpu_ms_per_frame"] = Math.Round(cpuMs, 1), ["levels"] = levels, ["stream_path"] = stream,
            ["plan"] = Plan(cpuMs, levels, stream),
            ["note"] = "ours: interviews held whole (gateway, broker, models, speech, PostgreSQL and the load generator, a process of its own, on the same cores), frames sampled under load; peer: "
                + "interviews at 2 frames/s whose frames alone the bare decoder and face models could analyse on these cores, every frame, no speech; ratio = ours / peer. The spread is the peer's.",
        };
    }

    private static (List<double> Interviews, double CpuMs) Peers(int runs, FaceAnalyzerOptions analyzer)
    {
        try
        {
            using var bare = new BareFaces(analyzer);
            var frames = FaceFrames.Render(32, 640, 480);
            bare.Run(frames, PeerFrames / 4, analyzer.MaxBatchSize);
            var results = Enumerable.Range(0, runs).Select(_ => bare.Run(frames, PeerFrames, analyzer.MaxBatchSize)).ToList();
            var rates = results.ConvertAll(r => r["records_per_s"]!.GetValue<double>() / FramesPerSecond);
            Say.Line($"bare models: {string.Join(", ", rates.Select(r => $"{r:f1}"))} interviews");
            return (rates, Alternation.Median(results.ConvertAll(r => r["cpu_ms_per_record"]!.GetValue<double>())));
        }
        catch (FileNotFoundException e) { throw new BenchFailedException(e.Message); }
    }

    private static JsonObject Plan(double frameCpuMs, JsonArray levels, JsonArray stream)
    {
        var carried = stream.Max(l => l!["frames_per_s"]!.GetValue<double>());
        var inputs = new CapacityInputs
        {
            FrameCpuMs = frameCpuMs, StreamCpuSPerInterviewMinute = stream.Skip(1).Max(l => l!["cpu_s_per_interview_minute"]!.GetValue<double>()), PartitionFramesPerSecond = carried / Schemas.Topics.SessionPartitions,
            FrameBytes = stream[0]!["frame_bytes"]!.GetValue<double>(),
        };
        return new CapacityPlan(inputs, 10_000).ToJson();
    }
}
