using System.Diagnostics;
using System.Text.Json;
using Microsoft.ML.OnnxRuntime;
using StreamPlatform.Inference.Demo;
using StreamPlatform.Inference.Faces;
using StreamPlatform.Inference.Jpeg;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Steps;

namespace StreamPlatform.Tests.Unit.Inference;

/// <summary>
/// From JPEG to result on real photographs, against TensorFlow.js run at test time on the same decoded pixels: eight single people cut from the sample
/// photographs, and the six photographs whole with everyone in them.
/// </summary>
public sealed class EndToEndEqualsTensorFlowTests(ITestOutputHelper output)
{
    private const float MinOverlap = 0.95f;
    private const float MaxDifference = 0.01f;

    /// <summary>How far decoding as the product does it may move a probability from full decoding.</summary>
    private const float MaxScaledDifference = 0.05f;

    private static readonly JsonSerializerOptions Format = new() { PropertyNameCaseInsensitive = true };
    private static readonly JpegDecoder FullSize = new(new JpegDecoderOptions { EnoughPixelsOnLongSide = 16384, MaxDecodedPixels = 16 * 1024 * 1024 });
    private static readonly JpegDecoder AsProduct = new(new FaceAnalyzerOptions().Jpeg);
    private static readonly JpegDecoder ScaledBy2 = new(new JpegDecoderOptions { EnoughPixelsOnLongSide = 640 });

    private sealed record ReferenceImage(string Name, ReferenceReading[] Faces);

    private sealed record ReferenceReading(float[] Box, float Confidence, float[] Probabilities, float EyeOpenness, float Yaw);

    [Fact]
    [Trait("Run", "all")] // more than a minute
    public async Task On_identical_pixels_every_face_has_the_references_box_and_probabilities()
    {
        InferenceAssets.SkipWithoutModels();
        InferenceAssets.SkipWithoutPhotos();
        InferenceAssets.SkipWithoutTensorFlow();
        var folder = Directory.CreateTempSubdirectory("streamplatform-pixels-");
        try
        {
            var results = new Dictionary<string, FaceAnalysis>();
            using var session = new SessionOptions { IntraOpNumThreads = 2 };
            using var pipeline = new FacePipeline(new FaceAnalyzerOptions { ModelDirectory = InferenceAssets.Models, MaxFacesRead = 10 }, session);
            foreach (var (name, jpeg) in Photographs())
            {
                using var image = FullSize.Decode(jpeg);
                File.WriteAllBytes(Path.Combine(folder.FullName, $"{name}.{image.Width}x{image.Height}.rgb"), image.Pixels);
                results[name] = pipeline.Analyse([image])[0];
            }

            var reference = await ReferenceAsync(folder.FullName);
            Assert.Equal(results.Keys.Order(StringComparer.Ordinal), reference.Select(image => image.Name).Order(StringComparer.Ordinal));
            foreach (var image in reference)
                Compare(image, results[image.Name]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>All 30 faces of the 14 images, from what the page sends (640 x 480) to the stills of a phone; sizes that the decoder once halved are among them.</summary>
    [Theory]
    [InlineData(640)]
    [InlineData(1280)]
    [InlineData(2560)]
    [InlineData(3840)]
    public void As_the_product_decodes_it_every_face_keeps_its_class_and_probabilities(int width)
    {
        InferenceAssets.SkipWithoutModels();
        InferenceAssets.SkipWithoutPhotos();
        using var pipeline = OneThread();
        var (faces, worst) = (0, 0f);
        foreach (var (name, jpeg) in Resized(width))
        {
            foreach (var (expected, actual) in Pairs(pipeline, name, jpeg, AsProduct))
            {
                var difference = Difference(expected, actual);
                Assert.Equal(Class(expected), Class(actual));
                Assert.InRange(difference, 0, MaxScaledDifference);
                (faces, worst) = (faces + 1, Math.Max(worst, difference));
            }
        }

        output.WriteLine($"{width} pixels wide: {faces} faces, probabilities <= {worst:F4}");
        Assert.Equal(30, faces);
    }

    /// <summary>Why nothing is halved: at any size the detector, which samples single pixels, frames a face a little otherwise, and the classes follow the frame.</summary>
    [Theory]
    [Trait("Run", "all")]
    [InlineData(1280)]
    [InlineData(1920)]
    [InlineData(2560)]
    [InlineData(3840)]
    public void Halved_decoding_moves_probabilities_at_every_size(int width)
    {
        InferenceAssets.SkipWithoutModels();
        InferenceAssets.SkipWithoutPhotos();
        var halved = new JpegDecoder(new JpegDecoderOptions { EnoughPixelsOnLongSide = (width / 2) - 8 });
        using var pipeline = OneThread();
        List<float> differences = [];
        var otherClass = 0;
        foreach (var (name, jpeg) in Resized(width))
        {
            foreach (var (expected, actual) in Pairs(pipeline, name, jpeg, halved))
            {
                differences.Add(Difference(expected, actual));
                otherClass += Class(expected) == Class(actual) ? 0 : 1;
            }
        }

        output.WriteLine($"{width} pixels wide, halved: {differences.Count} faces, {differences.Count(d => d > MaxScaledDifference)} beyond {MaxScaledDifference}, {otherClass} of another class, worst {differences.Max():F3}");
        Assert.True(differences.Max() > MaxScaledDifference, "halving is harmless at this size: docs/emotion.md and the decoder's options can be changed");
    }

    private void Compare(ReferenceImage expected, FaceAnalysis actual)
    {
        Assert.Equal(expected.Faces.Length, actual.FaceCount);
        var (overlap, difference, openness, yaw) = (1f, 0f, 0f, 0f);
        foreach (var face in expected.Faces)
        {
            var box = new FaceBox { Left = face.Box[0], Top = face.Box[1], Width = face.Box[2] - face.Box[0], Height = face.Box[3] - face.Box[1] };
            var match = actual.Faces.MaxBy(found => FaceTracker.Overlap(found.Box, box))!;
            overlap = Math.Min(overlap, FaceTracker.Overlap(match.Box, box));
            difference = Math.Max(difference, Difference(face.Probabilities, Emotions.ToArray(match.Probabilities!)));
            openness = Math.Max(openness, Math.Abs(face.EyeOpenness - match.EyeOpenness));
            yaw = Math.Max(yaw, Math.Abs(face.Yaw - match.YawDegrees));
        }

        output.WriteLine(
            $"{expected.Name}: {expected.Faces.Length} faces, IoU >= {overlap:F6}, probabilities <= {difference:E1}, eye aspect ratio <= {openness:E1}, yaw <= {yaw:E1}");
        Assert.InRange(overlap, MinOverlap, 1.001f);
        Assert.InRange(difference, 0, MaxDifference);
        Assert.InRange(openness, 0, MaxDifference);
        Assert.InRange(yaw, 0, 0.5f);
    }

    private static IEnumerable<(string Name, byte[] Jpeg)> Photographs()
    {
        foreach (var face in DemoFace.All)
        {
            using var frames = DemoFrameRenderer.Load(InferenceAssets.Photos, face);
            yield return (face.Person, frames.Render(TimeSpan.Zero));
        }

        for (var i = 1; i <= 6; i++)
            yield return ($"sample{i}", File.ReadAllBytes(Path.Combine(InferenceAssets.Photos, $"sample{i}.jpg")));
    }

    private static IEnumerable<(string Name, byte[] Jpeg)> Resized(int width)
    {
        foreach (var face in DemoFace.All)
        {
            using var frames = DemoFrameRenderer.Load(InferenceAssets.Photos, face);
            yield return (face.Person, frames.Render(TimeSpan.Zero, width, width * 3 / 4, 90));
        }

        foreach (var (name, jpeg) in Photographs().Where(photo => photo.Name.StartsWith("sample", StringComparison.Ordinal)))
        {
            using var full = FullSize.Decode(jpeg);
            using var resized = ImageCropper.Crop(full, 0, 0, full.Width, full.Height, width, full.Height * width / full.Width);
            yield return (name, JpegEncoder.Encode(resized, 90));
        }
    }

    /// <summary>The classes of each face of an image, decoded in full and by <paramref name="decoder"/>.</summary>
    private static IEnumerable<(float[] Expected, float[] Actual)> Pairs(FacePipeline pipeline, string name, byte[] jpeg, JpegDecoder decoder)
    {
        using var full = FullSize.Decode(jpeg);
        using var other = decoder.Decode(jpeg);
        var (expected, actual) = (pipeline.Analyse([full])[0], pipeline.Analyse([other])[0]);
        Assert.True(expected.FaceCount == actual.FaceCount, name);
        foreach (var face in expected.Faces)
        {
            var match = actual.Faces.MaxBy(found => FaceTracker.Overlap(found.Box, face.Box))!;
            yield return (Emotions.ToArray(face.Probabilities!), Emotions.ToArray(match.Probabilities!));
        }
    }

    private static FacePipeline OneThread()
    {
        using var session = new SessionOptions { IntraOpNumThreads = 1 };
        return new FacePipeline(new FaceAnalyzerOptions { ModelDirectory = InferenceAssets.Models, MaxFacesRead = 10 }, session);
    }

    private static int Class(float[] probabilities) => probabilities.AsSpan().IndexOf(probabilities.Max());

    private static async Task<ReferenceImage[]> ReferenceAsync(string folder)
    {
        var script = Path.Combine(InferenceAssets.JavaScript, "reference", "images.mjs");
        var start = new ProcessStartInfo("node", [script, folder, InferenceAssets.Packages]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var node = Process.Start(start)!;
        var (json, errors) = (node.StandardOutput.ReadToEndAsync(), node.StandardError.ReadToEndAsync());
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        try
        {
            await node.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            node.Kill();
            throw;
        }

        Assert.True(node.ExitCode == 0, await errors);
        return JsonSerializer.Deserialize<ReferenceImage[]>(await json, Format)!;
    }

    private static float Difference(float[] a, float[] b) => a.Zip(b).Max(pair => Math.Abs(pair.First - pair.Second));
}
