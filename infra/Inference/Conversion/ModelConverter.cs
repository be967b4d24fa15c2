using System.Security.Cryptography;

namespace StreamPlatform.Inference.Conversion;

/// <summary>
/// Converts the face models of npm package @vladmandic/human (TensorFlow.js graph models, MIT licence) to ONNX. The output is a pure function of
/// the input: same bytes in, same bytes out.
/// </summary>
public static class ModelConverter
{
    /// <summary>Part of every manifest entry; raise it when the converter's output changes.</summary>
    public const int ConverterVersion = 2;

    /// <summary>blazeface has no signature: its outputs are named after what they hold, with the number of anchors.</summary>
    private static readonly Dictionary<string, string> BlazefaceOutputs = new()
    {
        ["Identity"] = "scores_512",
        ["Identity_1"] = "scores_384",
        ["Identity_2"] = "boxes_512",
        ["Identity_3"] = "boxes_384",
    };

    private static readonly (string Model, IReadOnlyDictionary<string, string> OutputNames)[] Models =
    [
        ("blazeface", BlazefaceOutputs),
        ("facemesh", new Dictionary<string, string>()),
        ("emotion", new Dictionary<string, string> { ["Identity"] = "probabilities" }),
        ("iris", new Dictionary<string, string> { ["Identity"] = "landmarks" }),
        ("antispoof", new Dictionary<string, string> { ["Identity"] = "real" }),
        ("liveness", new Dictionary<string, string> { ["Identity"] = "live" }),
    ];

    /// <summary>
    /// Writes NAME.onnx for every model and manifest.json with the SHA-256 of inputs and outputs. A model whose inputs, converter and output
    /// are unchanged is left alone. Files appear whole or not at all.
    /// </summary>
    /// <param name="humanPackageDir">The unpacked npm package: the folder that holds "models".</param>
    /// <param name="outputDir">Created when missing.</param>
    /// <param name="progress">One line per model.</param>
    /// <exception cref="ModelConversionException">A file is missing, damaged or uses an unknown operator; the message names it.</exception>
    public static void ConvertAll(string humanPackageDir, string outputDir, IProgress<string>? progress = null)
    {
        Directory.CreateDirectory(outputDir);
        var manifestPath = Path.Combine(outputDir, ModelManifest.FileName);
        var previous = ModelManifest.ReadOrEmpty(manifestPath);
        var entries = new List<ModelManifestEntry>();
        foreach (var (model, outputNames) in Models)
            entries.Add(ConvertOne(Path.Combine(humanPackageDir, "models"), outputDir, model, outputNames, previous, progress));
        new ModelManifest(entries).Write(manifestPath);
    }

    private static ModelManifestEntry ConvertOne(
        string sourceDir, string outputDir, string model, IReadOnlyDictionary<string, string> outputNames, ModelManifest previous, IProgress<string>? progress)
    {
        var json = Read(Path.Combine(sourceDir, model + ".json"));
        byte[] weights = [.. TfjsGraph.WeightFiles(json).SelectMany(file => Read(Path.Combine(sourceDir, file)))];
        var sources = (Json: Sha256(json), Weights: Sha256(weights));
        var target = Path.Combine(outputDir, model + ".onnx");
        var known = previous.Models.FirstOrDefault(entry => entry.Name == model);
        if (known is not null && known.ConverterVersion == ConverterVersion && known.SourceJsonSha256 == sources.Json
            && known.SourceWeightsSha256 == sources.Weights && File.Exists(target) && Sha256(File.ReadAllBytes(target)) == known.OnnxSha256)
        {
            progress?.Report($"{model}: up to date");
            return known;
        }

        var onnx = Convert(model, json, weights, outputNames);
        AtomicFile.Write(target, onnx);
        progress?.Report($"{model}: converted, {onnx.Length / 1024} KiB");
        return new ModelManifestEntry(model, ConverterVersion, sources.Json, sources.Weights, Sha256(onnx));
    }

    private static byte[] Convert(string model, byte[] json, byte[] weights, IReadOnlyDictionary<string, string> outputNames)
    {
        try
        {
            return GraphConverter.Convert(model, TfjsGraph.Parse(json, weights), outputNames);
        }
        catch (ModelConversionException problem)
        {
            throw new ModelConversionException($"model {model}: {problem.Message}", problem);
        }
    }

    private static byte[] Read(string path) => File.Exists(path)
        ? File.ReadAllBytes(path)
        : throw new ModelConversionException($"{path} is missing: unpack npm package @vladmandic/human 3.3.6 again");

    private static string Sha256(byte[] content) => System.Convert.ToHexStringLower(SHA256.HashData(content));
}
