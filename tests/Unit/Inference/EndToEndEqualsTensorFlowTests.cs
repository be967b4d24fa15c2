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

    /// <summary>How far scaled decoding may move a probability from full decoding.</summary>
    private const float MaxScaledDifference = 0.05f;

    private static readonly JsonSerializerOptions Format = new() { PropertyNameCaseInsensitive = true };
    private static readonly JpegDecoder FullSize = new(new JpegDecoderOptions { EnoughPixelsOnLongSide = 16384 });

    private sealed record ReferenceImage(string Name, ReferenceReading[] Faces);

    private sealed record ReferenceReading(float[] Box, float Confidence, float[] Probabilities, float EyeOpenness, float Yaw);

    [Fact]
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
                using var image = new JpegDecoder().Decode(jpeg);
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

    public static TheoryData<string> Persons => [.. DemoFace.All.Select(face => face.Person)];

    [Theory]
    [MemberData(nameof(Persons))]
    public void Scaled_decoding_gives_the_same_class_as_full_decoding(string person)
    {
        InferenceAssets.SkipWithoutModels();
        InferenceAssets.SkipWithoutPhotos();
        using var frames = DemoFrameRenderer.Load(InferenceAssets.Photos, DemoFace.Named(person));
        var jpeg = frames.Render(TimeSpan.Zero, 1280, 960, 90);
        using var full = FullSize.Decode(jpeg);
        using var scaled = new JpegDecoder().Decode(jpeg);
        Assert.Equal((1280, 640), (full.Width, scaled.Width));
        using var session = new SessionOptions { IntraOpNumThreads = 2 };
        using var pipeline = new FacePipeline(new FaceAnalyzerOptions { ModelDirectory = InferenceAssets.Models }, session);
        var (expected, actual) = (pipeline.Analyse([full])[0].Probabilities!, pipeline.Analyse([scaled])[0].Probabilities!);
        var difference = Difference(Emotions.ToArray(expected), Emotions.ToArray(actual));
        output.WriteLine($"{person}: {Emotions.Dominant(expected)} {Emotions.ToArray(expected).Max():F3}, scaled {Emotions.Dominant(actual)}, differs by {difference:F4}");
        Assert.Equal(Emotions.Dominant(expected), Emotions.Dominant(actual));
        Assert.InRange(difference, 0, MaxScaledDifference);
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
