using System.Text.Json;

namespace StreamPlatform.Inference.Conversion;

/// <summary>What was converted from what, kept beside the ONNX files.</summary>
/// <param name="Models">One entry per model, in the converter's order.</param>
public sealed record ModelManifest(IReadOnlyList<ModelManifestEntry> Models)
{
    public const string FileName = "manifest.json";

    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    /// <summary>An unreadable manifest counts as none: everything is converted again.</summary>
    public static ModelManifest ReadOrEmpty(string path)
    {
        if (!File.Exists(path))
            return new ModelManifest([]);
        try
        {
            return JsonSerializer.Deserialize<ModelManifest>(File.ReadAllBytes(path), Format) is { Models: not null } manifest ? manifest : new ModelManifest([]);
        }
        catch (JsonException)
        {
            return new ModelManifest([]);
        }
    }

    public void Write(string path) => AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(this, Format));
}

/// <param name="Name">File name of the model without extension.</param>
/// <param name="ConverterVersion">See <see cref="ModelConverter.ConverterVersion"/>.</param>
/// <param name="SourceJsonSha256">Topology, lower-case hex.</param>
/// <param name="SourceWeightsSha256">Weight files joined, lower-case hex.</param>
/// <param name="OnnxSha256">Output, lower-case hex.</param>
public sealed record ModelManifestEntry(string Name, int ConverterVersion, string SourceJsonSha256, string SourceWeightsSha256, string OnnxSha256);
