using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text.Json;
using StreamPlatform.Inference.Faces;
using StreamPlatform.Inference.Jpeg;

namespace StreamPlatform.Tests.Unit.Inference;

/// <summary>One frame with every raw output of TensorFlow.js for it, as tests/js/reference/faces.mjs writes them.</summary>
internal sealed record ReferenceFace(
    string Person, byte[] Frame, CropBox Crop, IReadOnlyDictionary<string, float[]> Outputs, ReferenceFace.Conclusion Expected)
{
    public const int Width = 256;
    public const int Height = 192;

    private static readonly (string Name, int Length)[] Layout =
    [
        ("scores_512", 512), ("scores_384", 384), ("boxes_512", 512 * 16), ("boxes_384", 384 * 16),
        ("output_mesh", 468 * 3), ("output_contours", 266), ("output_faceflag", 1), ("probabilities", 7),
        ("landmarks", 2 * EyeReader.LandmarksLength), ("real", 1), ("live", 2),
    ];

    private static readonly JsonSerializerOptions Format = new() { PropertyNameCaseInsensitive = true };

    private static readonly Lazy<IReadOnlyList<ReferenceFace>> Loaded = new(() =>
    [
        .. JsonSerializer.Deserialize<Conclusion[]>(File.ReadAllBytes(Path.Combine(InferenceAssets.Data, "expected.json")), Format)!.Select(Read),
    ]);

    public sealed record Conclusion(string Person, int FaceCount, float Confidence, int[] Box, string Dominant, float[] Probabilities, float EyeOpenness);

    /// <summary>Eight faces.</summary>
    public static IReadOnlyList<ReferenceFace> All => Loaded.Value;

    public RgbImage Image() => RgbImage.FromPixels(Width, Height, Frame);

    private static ReferenceFace Read(Conclusion expected)
    {
        using var file = File.OpenRead(Path.Combine(InferenceAssets.Data, expected.Person + ".bin.gz"));
        using var unzipped = new MemoryStream();
        using (var zip = new GZipStream(file, CompressionMode.Decompress))
            zip.CopyTo(unzipped);
        var rest = unzipped.ToArray().AsSpan();
        var frame = rest[..(Width * Height * 3)].ToArray();
        rest = rest[frame.Length..];
        var box = MemoryMarshal.Cast<byte, int>(rest[..16]);
        var crop = new CropBox(box[0], box[1], box[2], box[3]);
        rest = rest[16..];
        var outputs = new Dictionary<string, float[]>();
        foreach (var (name, length) in Layout)
        {
            outputs[name] = MemoryMarshal.Cast<byte, float>(rest[..(length * 4)]).ToArray();
            rest = rest[(length * 4)..];
        }

        Assert.Equal(0, rest.Length);
        return new ReferenceFace(expected.Person, frame, crop, outputs, expected);
    }
}
