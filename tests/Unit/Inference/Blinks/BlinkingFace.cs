using Microsoft.ML.OnnxRuntime;
using StreamPlatform.Inference.Demo;
using StreamPlatform.Inference.Faces;
using StreamPlatform.Inference.Jpeg;

namespace StreamPlatform.Tests.Unit.Inference.Blinks;

/// <summary>A person of the demo whose eyes close as told; frames move, breathe, are noisy and compressed. A function of its arguments and the seed.</summary>
internal sealed class BlinkingFace : IDisposable
{
    private const int Steps = 20;
    private readonly RgbImage[] _closed = new RgbImage[Steps + 1];
    private readonly RgbImage _open;
    private readonly (float X, float Y)[][] _contours;
    private readonly Random _noise;

    public BlinkingFace(DemoFace face, SessionOptions session, int seed)
    {
        Person = face.Person;
        _noise = new Random(seed);
        var photo = new JpegDecoder(new JpegDecoderOptions { EnoughPixelsOnLongSide = 16384 }).Decode(File.ReadAllBytes(Path.Combine(InferenceAssets.Photos, face.Photo)));
        using (photo)
            _open = ImageCropper.Crop(photo, face.Left, face.Top, face.Width, face.Height, face.Width, face.Height);
        _contours = FindContours(_open, session);
    }

    public string Person { get; }

    /// <summary>One frame as JPEG.</summary>
    /// <param name="seconds">Decides where the head is.</param>
    /// <param name="closure">0 open to 1 shut, in steps of 0.05.</param>
    /// <param name="scale">Size of the head against the demo's: 1 or less.</param>
    /// <param name="noise">Standard deviation of each pixel's noise, of 255.</param>
    public byte[] Frame(double seconds, double closure, int width, double scale, double noise, int quality)
    {
        var index = (int)Math.Round(Math.Clamp(closure, 0, 1) * Steps);
        var source = _closed[index] ??= LidWarper.Close(_open, _contours, index / (float)Steps);
        var zoom = (0.95 + (0.03 * Math.Cos(seconds * 0.7))) / scale;
        var (cropWidth, cropHeight) = (source.Width * zoom, source.Height * zoom);
        var left = (source.Width - cropWidth) / 2 * (1 + (0.3 * Math.Sin(seconds)));
        var top = (source.Height - cropHeight) / 2 * (1 + (0.3 * Math.Sin(1.3 * seconds)));
        using var frame = ImageCropper.Crop(source, left, top, cropWidth, cropHeight, width, width * 3 / 4);
        AddNoise(frame, noise);
        return JpegEncoder.Encode(frame, quality);
    }

    public void Dispose()
    {
        _open.Dispose();
        foreach (var image in _closed)
            image?.Dispose();
    }

    private static (float X, float Y)[][] FindContours(RgbImage image, SessionOptions session)
    {
        using var pipeline = new FacePipeline(new FaceAnalyzerOptions { ModelDirectory = InferenceAssets.Models }, session);
        using var mesh = new OnnxModel(Path.Combine(InferenceAssets.Models, "facemesh.onnx"), session, "output_mesh");
        using var eyes = new EyeReader(InferenceAssets.Models, 1, session);
        var crop = pipeline.Detect([image])[0].MaxBy(found => found.Area).Crop(image.Width, image.Height);
        var input = new float[mesh.InputLength];
        Resampling.CropAndResize(image, crop, FacePipeline.FaceSize, input);
        using var outputs = mesh.Run(input, 1);
        return eyes.Contours(image, crop, outputs[0].GetTensorDataAsSpan<float>());
    }

    /// <summary>Sum of two uniform numbers: near enough to a camera's noise and quick.</summary>
    private void AddNoise(RgbImage frame, double deviation)
    {
        var pixels = frame.Pixels;
        var bytes = new byte[pixels.Length * 2];
        _noise.NextBytes(bytes);
        var gain = deviation / 104; // the sum of two uniform bytes deviates by 104
        for (var i = 0; i < pixels.Length; i++)
            pixels[i] = (byte)Math.Clamp(pixels[i] + (gain * (bytes[2 * i] + bytes[(2 * i) + 1] - 255)), 0, 255);
    }
}
