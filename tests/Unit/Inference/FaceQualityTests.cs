using Microsoft.ML.OnnxRuntime;
using StreamPlatform.Inference.Demo;
using StreamPlatform.Inference.Faces;
using StreamPlatform.Inference.Jpeg;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;
using StreamPlatform.Topology.Steps;

namespace StreamPlatform.Tests.Unit.Inference;

/// <summary>What is measured of the demo's faces as they are, darkened and blurred; the thresholds of <see cref="FaceQuality"/> stand on this.</summary>
public sealed class FaceQualityTests(ITestOutputHelper output)
{
    public static TheoryData<string> Persons => [.. DemoFace.All.Select(face => face.Person)];

    [Theory]
    [MemberData(nameof(Persons))]
    public void Measure(string person)
    {
        InferenceAssets.SkipWithoutModels();
        InferenceAssets.SkipWithoutPhotos();
        using var frames = DemoFrameRenderer.Load(InferenceAssets.Photos, DemoFace.Named(person));
        using var image = frames.RenderPixels(TimeSpan.Zero, 640, 480);
        using var session = new SessionOptions { IntraOpNumThreads = 2 };
        using var pipeline = new FacePipeline(new FaceAnalyzerOptions { ModelDirectory = InferenceAssets.Models }, session);
        float[]? original = null;
        foreach (var (blur, gain) in new[] { (0, 1.0), (1, 1), (2, 1), (3, 1), (4, 1), (6, 1), (8, 1), (12, 1), (0, 0.5), (0, 0.35), (0, 0.25), (0, 0.18), (0, 0.12), (0, 0.08) })
        {
            using var changed = Changed(image, blur, gain);
            using var compressed = new JpegDecoder().Decode(JpegEncoder.Encode(changed, 85));
            var result = pipeline.Analyse([compressed])[0];
            if (result.Faces.Count == 0)
            {
                output.WriteLine($"{person} blur {blur} gain {gain}: no face, luminance {result.Luminance:F3}");
                continue;
            }

            var face = result.Faces[0];
            var p = Emotions.ToArray(face.Probabilities!);
            original ??= p;
            var difference = p.Zip(original).Max(pair => Math.Abs(pair.First - pair.Second));
            output.WriteLine(
                $"{person} blur {blur} gain {gain}: {Emotions.Dominant(face.Probabilities)} moved {difference:F2} luminance {face.Luminance:F3} sharpness {face.Sharpness:F4} yaw {face.YawDegrees:F0} ear {face.EyeOpenness:F3} faces {result.FaceCount}");
        }
    }

    /// <summary>Blurred by two passes of a box of 2 x radius + 1 pixels, then darkened.</summary>
    private static RgbImage Changed(RgbImage image, int radius, double gain)
    {
        var result = RgbImage.FromPixels(image.Width, image.Height, image.Pixels);
        for (var pass = 0; pass < (radius == 0 ? 0 : 2); pass++)
        {
            Box(result, radius, 3, image.Width, image.Height, image.Width * 3);
            Box(result, radius, image.Width * 3, image.Height, image.Width, 3);
        }

        var pixels = result.Pixels;
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)Math.Round(pixels[i] * gain);
        return result;
    }

    private static void Box(RgbImage image, int radius, int step, int length, int lines, int lineStep)
    {
        var pixels = image.Pixels;
        var line = new int[length];
        for (var n = 0; n < lines; n++)
        {
            for (var channel = 0; channel < 3; channel++)
            {
                var start = (n * lineStep) + channel;
                for (var i = 0; i < length; i++)
                    line[i] = pixels[start + (i * step)];
                for (var i = 0; i < length; i++)
                {
                    var sum = 0;
                    for (var k = -radius; k <= radius; k++)
                        sum += line[Math.Clamp(i + k, 0, length - 1)];
                    pixels[start + (i * step)] = (byte)(sum / ((2 * radius) + 1));
                }
            }
        }
    }
}
