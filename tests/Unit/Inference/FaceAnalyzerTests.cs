using StreamPlatform.Inference.Demo;
using StreamPlatform.Inference.Faces;
using StreamPlatform.Inference.Jpeg;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Tests.Unit.Inference;

public sealed class FaceAnalyzerTests
{
    [Fact]
    public async Task Concurrent_calls_each_get_their_own_answer()
    {
        await using var analyzer = InferenceAssets.Analyzer(options => options.MaxInFlightImages = 8);
        var jobs = Enumerable.Range(0, 40).Select(i => ReferenceFace.All[i % 8]).ToArray();
        var results = await Task.WhenAll(jobs.Select(face => analyzer.AnalyseAsync(Jpeg(face), CancellationToken.None).AsTask()));
        foreach (var (face, result) in jobs.Zip(results))
        {
            Assert.Equal(1, result.FaceCount);
            Assert.Equal(face.Expected.EyeOpenness, result.EyeOpenness, 0.05f);

            // JPEG compression changes pixels a little; the dominant class must be the reference's.
            var p = result.Probabilities!;
            var dominant = new[] { ("angry", p.Angry), ("disgust", p.Disgust), ("fear", p.Fear), ("happy", p.Happy), ("sad", p.Sad), ("surprise", p.Surprise), ("neutral", p.Neutral) }
                .MaxBy(entry => entry.Item2).Item1;
            Assert.Equal(face.Expected.Dominant, dominant);
        }
    }

    [Fact]
    public async Task A_corrupt_jpeg_fails_alone_and_leaves_room_for_others()
    {
        await using var analyzer = InferenceAssets.Analyzer(options => (options.MaxBatchSize, options.MaxInFlightImages) = (1, 1));
        var good = Jpeg(ReferenceFace.All[0]);
        for (var i = 0; i < 3; i++)
            await Assert.ThrowsAsync<UnreadableImageException>(() => analyzer.AnalyseAsync(CorruptJpeg.From(good), CancellationToken.None).AsTask());
        Assert.Equal(1, (await analyzer.AnalyseAsync(good, CancellationToken.None)).FaceCount);
    }

    [Fact]
    public async Task A_cancelled_call_ends_and_frees_its_place()
    {
        await using var analyzer = InferenceAssets.Analyzer(options => (options.MaxBatchSize, options.MaxInFlightImages) = (1, 1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => analyzer.AnalyseAsync(Jpeg(ReferenceFace.All[0]), new CancellationToken(true)).AsTask());
        Assert.Equal(1, (await analyzer.AnalyseAsync(Jpeg(ReferenceFace.All[0]), CancellationToken.None)).FaceCount);
    }

    [Fact]
    public async Task Large_images_take_turns_and_a_corrupt_one_gives_its_turn_back()
    {
        InferenceAssets.SkipWithoutPhotos();
        await using var analyzer = InferenceAssets.Analyzer(options => options.MaxInFlightLargeImages = 1);
        using var frames = DemoFrameRenderer.Load(InferenceAssets.Photos, DemoFace.All[0]);
        var large = frames.Render(TimeSpan.Zero, 2560, 1920);
        await Assert.ThrowsAsync<UnreadableImageException>(() => analyzer.AnalyseAsync(CorruptJpeg.From(large), CancellationToken.None).AsTask());
        var results = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => analyzer.AnalyseAsync(large, CancellationToken.None).AsTask()));
        Assert.All(results, result => Assert.Equal(1, result.FaceCount));
    }

    [Fact]
    public async Task Without_the_CUDA_provider_the_processor_takes_over()
    {
        await using var analyzer = InferenceAssets.Analyzer(options => options.UseCuda = true);
        Assert.Equal(1, (await analyzer.AnalyseAsync(Jpeg(ReferenceFace.All[0]), CancellationToken.None)).FaceCount);
    }

    [Fact]
    public void Missing_models_are_named_with_what_to_do()
    {
        var problem = Assert.Throws<FileNotFoundException>(() => new FaceAnalyzer(new FaceAnalyzerOptions { ModelDirectory = "/nowhere" }));
        Assert.Contains("./streamplatform", problem.Message);
    }

    [Theory]
    [InlineData("MaxBatchSize")]
    [InlineData("BatchLingerMs")]
    [InlineData("MaxInFlightImages")]
    [InlineData("MaxInFlightLargeImages")]
    [InlineData("IntraOpThreads")]
    [InlineData("MaxFaces")]
    [InlineData("MaxFacesRead")]
    public void An_option_out_of_range_is_refused_by_name(string key)
    {
        var options = new FaceAnalyzerOptions();
        typeof(FaceAnalyzerOptions).GetProperty(key)!.SetValue(options, -1);
        Assert.Equal(key, Assert.Throws<ArgumentOutOfRangeException>(options.Validate).ParamName);
    }

    private static byte[] Jpeg(ReferenceFace face)
    {
        using var image = face.Image();
        return JpegEncoder.Encode(image, 95);
    }
}
