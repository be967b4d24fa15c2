using Microsoft.ML.OnnxRuntime;
using StreamPlatform.Inference.Demo;
using StreamPlatform.Inference.Faces;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.State;
using StreamPlatform.Topology.Steps;

namespace StreamPlatform.Tests.Unit.Inference.Blinks;

/// <summary>
/// Blinks counted through the whole path (JPEG, models, candidate's track, detector) on real faces whose lids are warped: five people, different sizes of
/// the head, noise and compression. At 30 frames per second every blink is to be found; at the product's two frames per second, every closure that a frame shows.
/// </summary>
[Trait("Run", "all")] // takes long: `test --all` runs it, and `test` when it is asked for by name
public sealed class BlinkAccuracyTests(ITestOutputHelper output)
{
    private const int FramesPerSecond = 30;
    private const int BlinksPerPerson = 13;
    private const int SquintsPerPerson = 4;
    private const double Required = 0.9;

    /// <summary>Eyes are shut in the frame that begins a closure within this time of the blink.</summary>
    private const int ToleranceMs = 70;

    private sealed record Setting(string Person, int Width, double Scale, double Noise, int Quality);

    private static readonly Setting[] Settings =
    [
        new("curls", 640, 1, 3, 80),
        new("black-shirt", 480, 1, 4, 75),
        new("choker", 640, 0.7, 3, 80),
        new("stairs-right", 320, 1, 3, 85),
        new("maroon-dress", 480, 0.9, 5, 70),
    ];

    [Fact]
    public async Task Openness_falls_with_the_lids()
    {
        foreach (var setting in Settings)
        {
            double[] closures = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1];
            var seen = await ObserveAsync(setting, [.. Enumerable.Range(0, closures.Length * 4).Select(n => (n * 500, closures[n / 4]))]);
            var means = closures.Select((_, n) => seen.Skip(n * 4).Take(4).Average(each => each.EyeOpenness)).ToArray();
            output.WriteLine($"{setting.Person}: {string.Join(", ", closures.Zip(means).Select(each => $"{each.First}: {each.Second:F3}"))}");
            Assert.True(means[^1] < 0.8 * means[0]);
        }
    }

    [Fact]
    public async Task Blinks_at_30_frames_per_second_are_found_and_squints_are_not()
    {
        var (hits, missed, wrong) = (0, 0, 0);
        for (var i = 0; i < Settings.Length; i++)
        {
            var movements = BlinkTimeline.Make(100 + i, BlinksPerPerson, SquintsPerPerson);
            var frames = Enumerable.Range(0, (movements[^1].EndMs + 500) * FramesPerSecond / 1000).Select(n => n * 1000 / FramesPerSecond).ToArray();
            var seen = await ObserveAsync(Settings[i], [.. frames.Select(ms => (ms, movements.Max(movement => movement.At(ms))))]);
            var found = seen.Where(each => each.ClosureBegan).Select(each => (int)each.CapturedAtMs).ToList();
            var blinks = movements.Where(movement => movement.IsBlink).ToList();
            var matched = blinks.Count(blink => found.Remove(found.Find(at => at >= blink.StartMs - ToleranceMs && at <= blink.EndMs + ToleranceMs)));
            (hits, missed, wrong) = (hits + matched, missed + blinks.Count - matched, wrong + found.Count);
            output.WriteLine($"{Settings[i]}: {blinks.Count} blinks, {matched} found, {found.Count} wrong; {frames.Length} frames");
        }

        Report("30 frames/s", hits, missed, wrong);
        Assert.True(hits + missed >= 60);
    }

    [Fact]
    public async Task Closures_that_two_frames_per_second_show_are_counted_and_half_closed_lids_are_not()
    {
        var (hits, missed, wrong) = (0, 0, 0);
        for (var i = 0; i < Settings.Length; i++)
        {
            var random = new Random(200 + i);
            var closures = new List<double>(Enumerable.Repeat(0.0, 8));
            for (var n = 0; n < BlinksPerPerson; n++)
            {
                closures.AddRange(Enumerable.Repeat(0.9 + (0.05 * random.Next(3)), 1 + random.Next(2)));
                closures.AddRange(Enumerable.Range(0, 3 + random.Next(3)).Select(_ => random.Next(4) == 0 ? 0.2 + (0.1 * random.Next(3)) : 0));
            }

            var seen = await ObserveAsync(Settings[i], [.. closures.Select((closure, n) => (n * 500, closure))]);
            var truth = closures.Select((closure, n) => closure >= 0.8 && closures[n - 1] < 0.8).ToArray();
            var found = seen.Select(each => each.ClosureBegan).ToArray();
            var matched = truth.Zip(found).Count(pair => pair.First && pair.Second);
            (hits, missed, wrong) = (hits + matched, missed + truth.Count(each => each) - matched, wrong + found.Count(each => each) - matched);
            output.WriteLine($"{Settings[i]}: {truth.Count(each => each)} closures, {matched} found, {found.Count(each => each) - matched} wrong; {closures.Count} frames");
        }

        Report("2 frames/s", hits, missed, wrong);
    }

    private void Report(string what, int hits, int missed, int wrong)
    {
        var (precision, recall) = (hits / (double)(hits + wrong), hits / (double)(hits + missed));
        output.WriteLine($"{what}: {hits + missed} blinks of {Settings.Length} people: precision {precision:F3}, recall {recall:F3}");
        Assert.InRange(precision, Required, 1);
        Assert.InRange(recall, Required, 1);
    }

    private async Task<List<EmotionObserved>> ObserveAsync(Setting setting, IReadOnlyList<(int Ms, double Closure)> frames)
    {
        InferenceAssets.SkipWithoutModels();
        InferenceAssets.SkipWithoutPhotos();
        using var session = new SessionOptions { IntraOpNumThreads = 2 };
        using var face = new BlinkingFace(DemoFace.Named(setting.Person), session, seed: 7);
        await using var analyzer = InferenceAssets.Analyzer();
        var results = new List<EmotionObserved>();
        CandidateState? state = null;
        foreach (var chunk in frames.Chunk(16))
        {
            var analysed = await Task.WhenAll(chunk
                .Select(frame => face.Frame(frame.Ms / 1000.0, frame.Closure, setting.Width, setting.Scale, setting.Noise, setting.Quality))
                .ToArray().Select(jpeg => analyzer.AnalyseAsync(jpeg, CancellationToken.None).AsTask()));
            foreach (var (frame, analysis) in chunk.Zip(analysed))
            {
                var observed = new EmotionObserved { CapturedAtMs = frame.Ms, FaceCount = analysis.FaceCount };
                (state, var outputs) = CandidateSteps.Follow(state, new FrameReading(observed, analysis));
                results.AddRange(outputs);
            }
        }

        return results;
    }
}
