using StreamPlatform.Inference.Demo;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Tests.Unit.Inference;

public sealed class DemoFramesTests
{
    public static TheoryData<string> Persons => [.. DemoFace.All.Select(face => face.Person)];

    [Theory]
    [MemberData(nameof(Persons))]
    public async Task Ten_seconds_of_frames_give_the_window_that_TensorFlow_expects(string person)
    {
        InferenceAssets.SkipWithoutPhotos();
        await using var analyzer = InferenceAssets.Analyzer();
        using var frames = DemoFrameRenderer.Load(InferenceAssets.Photos, DemoFace.Named(person));
        var results = await Task.WhenAll(Enumerable.Range(0, 20)
            .Select(i => analyzer.AnalyseAsync(frames.Render(TimeSpan.FromSeconds(i * 0.5)), CancellationToken.None).AsTask()));

        var expected = ExpectedWindow.Of(person);
        Assert.Equal(expected.FaceRatio, results.Count(result => result.FaceCount > 0) / 20.0, 0.001);
        var mean = Mean([.. results.Where(result => result.FaceCount > 0).Select(result => result.Probabilities!)]);
        Assert.Equal(expected.Dominant, mean.MaxBy(entry => entry.Value).Key);
        foreach (var (name, value) in expected.Mean)
            Assert.Equal(value, mean[name], 0.05);
        Assert.Equal(expected.EyeOpenness, results.Average(result => result.EyeOpenness), 0.02);
        Assert.DoesNotContain(results, result => result.EyesClosed);
    }

    [Fact]
    public async Task Lowered_lids_count_as_closed_eyes()
    {
        InferenceAssets.SkipWithoutPhotos();
        await using var analyzer = InferenceAssets.Analyzer();
        using var frames = DemoFrameRenderer.Load(InferenceAssets.Photos, new DemoFace("looking-down", "sample2.jpg", 1300, 100, 560, 420));
        for (var second = 0; second < 10; second += 2)
            Assert.True((await analyzer.AnalyseAsync(frames.Render(TimeSpan.FromSeconds(second)), CancellationToken.None)).EyesClosed);
    }

    [Fact]
    public void A_frame_is_a_function_of_time_and_moves_slowly()
    {
        InferenceAssets.SkipWithoutPhotos();
        using var frames = DemoFrameRenderer.Load(InferenceAssets.Photos, DemoFace.All[0]);
        Assert.Equal(frames.Render(TimeSpan.FromSeconds(3)), frames.Render(TimeSpan.FromSeconds(3)));
        Assert.NotEqual(frames.Render(TimeSpan.FromSeconds(3)), frames.Render(TimeSpan.FromSeconds(3.5)));
        Assert.InRange(frames.Render(TimeSpan.Zero).Length, 10_000, 512 * 1024);
    }

    [Fact]
    public void A_missing_photograph_is_named()
    {
        var problem = Assert.Throws<FileNotFoundException>(() => DemoFrameRenderer.Load("/nowhere", DemoFace.All[0]));
        Assert.Contains("@vladmandic/face-api", problem.Message);
    }

    private static Dictionary<string, double> Mean(IReadOnlyList<EmotionProbabilities> all) => new()
    {
        ["angry"] = all.Average(p => p.Angry),
        ["disgust"] = all.Average(p => p.Disgust),
        ["fear"] = all.Average(p => p.Fear),
        ["happy"] = all.Average(p => p.Happy),
        ["sad"] = all.Average(p => p.Sad),
        ["surprise"] = all.Average(p => p.Surprise),
        ["neutral"] = all.Average(p => p.Neutral),
    };
}
