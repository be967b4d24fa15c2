using System.Diagnostics;
using System.Text.Json.Nodes;
using StreamPlatform.Inference.Faces;
using StreamPlatform.Inference.Jpeg;

namespace StreamPlatform.Tests.Benchmarks.Faces;

/// <summary>What each stage of a frame costs, and what batches and scaled decoding save.</summary>
internal static class StageCosts
{
    /// <summary>Milliseconds of one core per frame: decoding, each model and what lies between them, in batches of 8.</summary>
    public static JsonObject Measure(BareFaces bare, FaceFrames frames, FaceAnalyzerOptions options, int count)
    {
        var decode = DecodeMs(new JpegDecoder(options.Jpeg), frames, count);
        using var meter = new InferenceMeter();
        var run = bare.Run(frames, count, options.MaxBatchSize);
        var models = meter.ModelSeconds.ToDictionary(m => m.Key, m => 1000 * m.Value / count);
        var whole = 1000 * run["seconds"]!.GetValue<double>() / count;
        var betweenModels = whole * (1 - run["decoding_share"]!.GetValue<double>()) - models.Values.Sum();
        var stages = new JsonObject { ["decode"] = Math.Round(decode, 2) };
        foreach (var (model, file) in new[] { ("detect", "blazeface"), ("mesh", "facemesh"), ("emotion", "emotion"), ("iris", "iris") })
        {
            stages[model] = Math.Round(models.GetValueOrDefault(file), 2);
        }

        stages["resampling_and_reading"] = Math.Round(betweenModels, 2);
        stages["whole_frame"] = Math.Round(whole, 2);
        return stages;
    }

    /// <summary>Frames per second in batches and one by one, by turns.</summary>
    public static JsonObject BatchAgainstSingle(BareFaces bare, FaceFrames frames, FaceAnalyzerOptions options, int count, int runs)
    {
        List<double> batched = [], single = [];
        for (var run = 0; run < runs; run++)
        {
            batched.Add(bare.Run(frames, count, options.MaxBatchSize)["records_per_s"]!.GetValue<double>());
            single.Add(bare.Run(frames, count, 1)["records_per_s"]!.GetValue<double>());
        }

        return Compare("batch", batched, "single", single);
    }

    /// <summary>Decodes per second on one thread, at half the size inside the decoder and in full. The product decodes in full: docs/emotion.md.</summary>
    public static JsonObject ScaledAgainstFull(FaceFrames large, int count, int runs)
    {
        var scaled = new JpegDecoder(new JpegDecoderOptions { EnoughPixelsOnLongSide = 640 });
        var full = new JpegDecoder(new JpegDecoderOptions { EnoughPixelsOnLongSide = 16_384 });
        List<double> ours = [], theirs = [];
        for (var run = 0; run < runs; run++)
        {
            ours.Add(1000 / DecodeMs(scaled, large, count));
            theirs.Add(1000 / DecodeMs(full, large, count));
        }

        return Compare("scaled", ours, "full", theirs);
    }

    private static double DecodeMs(JpegDecoder decoder, FaceFrames frames, int count)
    {
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < count; i++) decoder.Decode(frames.Of(i)).Dispose();
        return clock.Elapsed.TotalMilliseconds / count;
    }

    private static JsonObject Compare(string ours, List<double> our, string peer, List<double> their)
    {
        var ratios = our.Zip(their, (a, b) => a / b).ToList();
        return new JsonObject
        {
            [$"{ours}_per_s"] = Math.Round(Benches.Alternation.Median(our), 1), [$"{peer}_per_s"] = Math.Round(Benches.Alternation.Median(their), 1),
            ["ratio"] = Math.Round(Benches.Alternation.Median(ratios), 3),
            ["spread"] = new JsonObject { ["min"] = Math.Round(ratios.Min(), 3), ["max"] = Math.Round(ratios.Max(), 3) },
        };
    }
}
