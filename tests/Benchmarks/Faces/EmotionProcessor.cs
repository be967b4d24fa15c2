using System.Diagnostics;
using System.Text.Json.Nodes;
using StreamPlatform.Inference.Faces;
using StreamPlatform.Streams;
using StreamPlatform.Topology;
using StreamPlatform.Tests.Benchmarks.Work;

namespace StreamPlatform.Tests.Benchmarks.Faces;

/// <summary>The whole emotion processor as the platform runs it: frames topic, sessions table, steps, models, exactly-once onto the emotions topic.</summary>
internal static class EmotionProcessor
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>From the processor's first look at a frame to the last committed result that a consumer sees.</summary>
    public static async Task<JsonObject> RunAsync(FaceFrames frames, int count, FaceAnalyzerOptions options)
    {
        await using var topics = await EmotionTopics.StartAsync(frames, count);
        await using var analyzer = new FaceAnalyzer(options);
        var watched = new FirstCall(analyzer);
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        var batches = new InferenceMeter();
        await using var application = new StreamsApplication(
            InterviewTopology.BuildEmotion(topics.Serdes, watched, TimeProvider.System),
            new StreamsOptions { BootstrapServers = topics.BootstrapServers, CommitIntervalMs = 100, ReplicationFactor = 1 },
            loggers: StderrLog.Wanted);
        var meter = Task.Factory.StartNew(() => topics.WaitForEmotions(count, Limit, () => application.Completion.IsFaulted), TaskCreationOptions.LongRunning);
        await application.StartAsync();
        var (seenAt, seen) = await meter;
        if (application.Completion.IsFaulted) await application.Completion;
        if (seen < count) throw new BenchFailedException($"only {seen} of {count} results came within {Limit.TotalMinutes:0} minutes");
        var seconds = Stopwatch.GetElapsedTime(watched.At, seenAt).TotalSeconds;
        batches.Dispose();
        return new JsonObject
        {
            ["records"] = count, ["records_per_s"] = Math.Round(count / seconds, 2), ["seconds"] = Math.Round(seconds, 3),
            ["images_per_batch"] = Math.Round(batches.ImagesPerBatch, 2), ["models_share"] = Math.Round(batches.BatchSeconds / seconds, 3),
            ["cpu_ms_per_record"] = Math.Round((Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalMilliseconds / count, 2),
        };
    }
}
