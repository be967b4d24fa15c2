using System.Text.Json.Nodes;
using StreamPlatform.Inference.Faces;
using StreamPlatform.Tests.Benchmarks.Faces;
using StreamPlatform.Tests.Benchmarks.Kafka;

namespace StreamPlatform.Tests.Benchmarks.Benches;

/// <summary>
/// Frames per second of the whole emotion processor, topic to topic and exactly-once on the embedded broker, beside the bare decoder and models in a loop with the same
/// threads on the same frames: real faces of 32 sessions, 640 x 480.
/// </summary>
internal static class EmotionBench
{
    private const int Sessions = 32;
    private const int Frames = 1280;
    private const int StageFrames = 160;

    public static async Task<JsonObject> RunAsync(BenchOptions options)
    {
        var count = (int)Math.Min(options.Records ?? Frames, 100_000);
        var analyzer = new FaceAnalyzerOptions { ModelDirectory = Environment.GetEnvironmentVariable("STREAMPLATFORM_MODELS") ?? Path.Combine(".cache", "models") };
        Say.Line($"rendering frames of {Sessions} sessions");
        var frames = FaceFrames.Render(Sessions, 640, 480);
        BareFaces bare;
        try { bare = new BareFaces(analyzer); }
        catch (FileNotFoundException e) { throw new BenchFailedException(e.Message); }
        using (bare)
        {
            Say.Line("warming up");
            bare.Run(frames, StageFrames, analyzer.MaxBatchSize);
            await EmotionProcessor.RunAsync(frames, StageFrames, analyzer);
            var result = await Alternation.RunAsync(options.Runs,
                _ => EmotionProcessor.RunAsync(frames, count, analyzer),
                _ => Task.FromResult(bare.Run(frames, count, analyzer.MaxBatchSize)),
                null);
            Say.Line("stages");
            var single = new FaceAnalyzerOptions { ModelDirectory = analyzer.ModelDirectory, ConcurrentBatches = 1, MaxBatchSize = analyzer.MaxBatchSize };
            using var one = new BareFaces(single);
            result["frames_per_run"] = count;
            result["batches_at_once"] = analyzer.ConcurrentBatches;
            result["threads_per_batch"] = analyzer.IntraOpThreads;
            result["batch_size"] = analyzer.MaxBatchSize;
            result["stage_ms_per_frame"] = StageCosts.Measure(one, frames, single, StageFrames);
            result["batch_against_single_one_thread"] = StageCosts.BatchAgainstSingle(one, frames, single, StageFrames, options.Runs);
            result["batch_against_single_all_threads"] = StageCosts.BatchAgainstSingle(bare, frames, analyzer, StageFrames, options.Runs);
            result["scaled_against_full_decode_1280x960"] = StageCosts.ScaledAgainstFull(FaceFrames.Render(Sessions, 1280, 960), analyzer, StageFrames, options.Runs);
            result["note"] = "ours reads, joins, keeps order and commits exactly-once; the peer only decodes and analyses";
            return result;
        }
    }
}
