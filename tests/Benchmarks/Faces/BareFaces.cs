using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.Inference.Faces;
using StreamPlatform.Inference.Jpeg;

namespace StreamPlatform.Tests.Benchmarks.Faces;

/// <summary>
/// The peer: the loop a person would write around the same decoder and models, as many loops and threads as the analyser has. Each takes the next batch, decodes it and
/// analyses it; no Kafka, no consent, no order to keep.
/// </summary>
internal sealed class BareFaces : IDisposable
{
    private readonly FaceAnalyzerOptions options;
    private readonly JpegDecoder decoder;
    private readonly List<FacePipeline> pipelines = [];

    public BareFaces(FaceAnalyzerOptions options)
    {
        this.options = options;
        decoder = new JpegDecoder(options.Jpeg);
        using var session = OnnxSessionOptions.Create(options, NullLogger.Instance);
        for (var i = 0; i < options.ConcurrentBatches; i++) pipelines.Add(new FacePipeline(options, session));
    }

    /// <summary>Analyses <paramref name="count"/> frames in batches of <paramref name="batch"/>.</summary>
    public JsonObject Run(FaceFrames frames, int count, int batch)
    {
        var clock = Stopwatch.StartNew();
        var cpu = Process.GetCurrentProcess().TotalProcessorTime;
        long decoding = 0;
        var next = 0;
        var loops = pipelines.Select(pipeline => Task.Factory.StartNew(() =>
        {
            while (Interlocked.Add(ref next, batch) - batch is var first && first < count)
            {
                var since = Stopwatch.GetTimestamp();
                var images = new RgbImage[Math.Min(batch, count - first)];
                Parallel.For(0, images.Length, new ParallelOptions { MaxDegreeOfParallelism = options.IntraOpThreads }, i => images[i] = decoder.Decode(frames.Of(first + i)));
                Interlocked.Add(ref decoding, Stopwatch.GetTimestamp() - since);
                pipeline.Analyse(images);
                foreach (var image in images) image.Dispose();
            }
        }, TaskCreationOptions.LongRunning)).ToArray();
        Task.WaitAll(loops);
        var seconds = clock.Elapsed.TotalSeconds;
        return new JsonObject
        {
            ["records"] = count, ["records_per_s"] = Math.Round(count / seconds, 2), ["seconds"] = Math.Round(seconds, 3),
            ["decoding_share"] = Math.Round(decoding / (double)Stopwatch.Frequency / pipelines.Count / seconds, 3),
            ["cpu_ms_per_record"] = Math.Round((Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalMilliseconds / count, 2),
        };
    }

    public void Dispose() => pipelines.ForEach(pipeline => pipeline.Dispose());
}
