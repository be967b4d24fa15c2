using Microsoft.ML.OnnxRuntime;
using StreamPlatform.Inference.Demo;
using StreamPlatform.Inference.Faces;
using StreamPlatform.Inference.Jpeg;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Steps;

namespace StreamPlatform.Tests.Unit.Inference;

/// <summary>What is said of the demo's faces as they are, darkened, blurred and turned; the thresholds of <see cref="FaceQuality"/> stand on what this prints.</summary>
public sealed class FaceQualityTests(ITestOutputHelper output)
{
    public static TheoryData<string> Persons => [.. DemoFace.All.Select(face => face.Person)];

    /// <summary>Radius of the blur, part of the light that is left; what must be said.</summary>
    private static readonly (int Blur, double Gain, FrameQuality[] Expected)[] Changes =
        [(0, 1, []), (1, 1, []), (6, 1, [FrameQuality.Blurred]), (8, 1, [FrameQuality.Blurred]), (0, 0.25, [FrameQuality.Dark]), (0, 0.18, [FrameQuality.Dark])];

    [Theory]
    [MemberData(nameof(Persons))]
    public void A_face_is_dark_or_blurred_when_it_was_made_so_and_not_as_it_is(string person)
    {
        using var image = Photograph(person);
        using var session = new SessionOptions { IntraOpNumThreads = 2 };
        using var pipeline = new FacePipeline(new FaceAnalyzerOptions { ModelDirectory = InferenceAssets.Models }, session);
        float[]? original = null;
        foreach (var (blur, gain, expected) in Changes)
        {
            using var changed = Changed(image, blur, gain);
            using var compressed = new JpegDecoder().Decode(JpegEncoder.Encode(changed, 85));
            var face = Assert.Single(pipeline.Analyse([compressed])[0].Faces);
            var probabilities = Emotions.ToArray(face.Probabilities!);
            original ??= probabilities;
            var moved = probabilities.Zip(original).Max(pair => Math.Abs(pair.First - pair.Second));
            output.WriteLine(
                $"{person} blur {blur} light {gain}: luminance {face.Luminance:F3} sharpness {face.Sharpness:F4} yaw {face.YawDegrees:F0}, {Emotions.Dominant(face.Probabilities)} moved by {moved:F2}");
            Assert.Equal(expected, FaceQuality.Of(face));
        }
    }

    /// <summary>A mesh that TensorFlow.js made of a real face, turned in space by a known angle.</summary>
    [Theory]
    [InlineData(-50)]
    [InlineData(-20)]
    [InlineData(35)]
    [InlineData(60)]
    public void A_head_turned_by_an_angle_is_turned_by_that_angle(int degrees)
    {
        foreach (var face in ReferenceFace.All)
        {
            var mesh = face.Outputs["output_mesh"].ToArray();
            var before = HeadPose.YawDegrees(mesh);
            var (sin, cos) = MathF.SinCos(degrees * MathF.PI / 180);
            for (var i = 0; i < mesh.Length; i += 3)
                (mesh[i], mesh[i + 2]) = ((mesh[i] * cos) - (mesh[i + 2] * sin), (mesh[i] * sin) + (mesh[i + 2] * cos));

            // Exact for a head that is not tilted; these are tilted by up to 20 degrees.
            if (Math.Abs(before + degrees) < 80)
                Assert.Equal(before + degrees, HeadPose.YawDegrees(mesh), 6f);
        }
    }

    [Theory]
    [MemberData(nameof(Persons))]
    public void A_mirrored_head_is_turned_to_the_other_side(string person)
    {
        using var image = Photograph(person);
        using var mirrored = new RgbImage(image.Width, image.Height);
        for (var i = 0; i < image.Width * image.Height; i++)
        {
            var from = (i / image.Width * image.Width) + image.Width - 1 - (i % image.Width);
            image.Pixels.Slice(from * 3, 3).CopyTo(mirrored.Pixels[(i * 3)..]);
        }

        using var session = new SessionOptions { IntraOpNumThreads = 2 };
        using var pipeline = new FacePipeline(new FaceAnalyzerOptions { ModelDirectory = InferenceAssets.Models }, session);
        var yaws = pipeline.Analyse([image, mirrored]).Select(result => result.Faces[0].YawDegrees).ToArray();
        Assert.Equal(-yaws[0], yaws[1], 6f);
    }

    /// <summary>Of the three people in the photograph one looks away from the camera.</summary>
    [Fact]
    public void A_face_turned_aside_in_a_photograph_is_a_profile()
    {
        InferenceAssets.SkipWithoutModels();
        InferenceAssets.SkipWithoutPhotos();
        using var image = new JpegDecoder().Decode(File.ReadAllBytes(Path.Combine(InferenceAssets.Photos, "sample2.jpg")));
        using var session = new SessionOptions { IntraOpNumThreads = 2 };
        using var pipeline = new FacePipeline(new FaceAnalyzerOptions { ModelDirectory = InferenceAssets.Models }, session);
        var faces = pipeline.Analyse([image])[0].Faces;
        Assert.Equal(3, faces.Count);
        var turned = Assert.Single(faces, face => FaceQuality.Of(face).Contains(FrameQuality.Profile));
        Assert.InRange(turned.YawDegrees, -70, -40);
    }

    private static RgbImage Photograph(string person)
    {
        InferenceAssets.SkipWithoutModels();
        InferenceAssets.SkipWithoutPhotos();
        using var frames = DemoFrameRenderer.Load(InferenceAssets.Photos, DemoFace.Named(person));
        return frames.RenderPixels(TimeSpan.Zero, 640, 480);
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
