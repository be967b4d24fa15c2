using System.Text;
using StreamPlatform.Inference.Conversion;

namespace StreamPlatform.Tests.Unit.Inference;

public sealed class ModelConverterTests : IDisposable
{
    private static readonly string[] Models = ["blazeface", "facemesh", "emotion", "iris", "antispoof", "liveness"];
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("streamplatform-models-");

    [Fact]
    public void Converting_twice_gives_the_same_bytes()
    {
        InferenceAssets.SkipWithoutHuman();
        var (first, second) = (Folder("first"), Folder("second"));
        ModelConverter.ConvertAll(InferenceAssets.HumanPackage, first);
        ModelConverter.ConvertAll(InferenceAssets.HumanPackage, second);
        string[] files = [.. Directory.GetFiles(first).Select(file => Path.GetFileName(file)).Order()];
        Assert.Equal([.. Models.Select(model => model + ".onnx").Append("manifest.json").Order()], files);
        foreach (var file in files)
            Assert.Equal(File.ReadAllBytes(Path.Combine(first, file)), File.ReadAllBytes(Path.Combine(second, file)));
    }

    [Fact]
    public void Only_what_is_missing_or_damaged_is_converted_again()
    {
        InferenceAssets.SkipWithoutHuman();
        var folder = Folder("models");
        ModelConverter.ConvertAll(InferenceAssets.HumanPackage, folder);
        File.Delete(Path.Combine(folder, "iris.onnx"));
        File.WriteAllText(Path.Combine(folder, "emotion.onnx"), "damaged");
        var lines = new Lines();
        ModelConverter.ConvertAll(InferenceAssets.HumanPackage, folder, lines);
        Assert.Equal(["emotion", "iris"], lines.Where(line => line.Contains("converted")).Select(line => line.Split(':')[0]).Order());
        Assert.Equal(4, lines.Count(line => line.Contains("up to date")));
        Assert.True(new FileInfo(Path.Combine(folder, "emotion.onnx")).Length > 500_000);
    }

    [Fact]
    public void A_truncated_weight_file_is_named_and_leaves_nothing_half_written()
    {
        InferenceAssets.SkipWithoutHuman();
        var package = Folder("package");
        Directory.CreateDirectory(Path.Combine(package, "models"));
        foreach (var file in Models.SelectMany(model => new[] { model + ".json", model + ".bin" }))
            File.Copy(Path.Combine(InferenceAssets.HumanPackage, "models", file), Path.Combine(package, "models", file));
        using (var weights = File.OpenWrite(Path.Combine(package, "models", "facemesh.bin")))
            weights.SetLength(1000);

        var target = Folder("target");
        var problem = Assert.Throws<ModelConversionException>(() => ModelConverter.ConvertAll(package, target));
        Assert.Contains("facemesh", problem.Message);
        Assert.Equal(["blazeface.onnx"], Directory.GetFiles(target).Select(file => Path.GetFileName(file)));
    }

    [Fact]
    public void A_missing_package_is_named_with_what_to_do()
    {
        var problem = Assert.Throws<ModelConversionException>(() => ModelConverter.ConvertAll(_folder.FullName, Folder("target")));
        Assert.Contains("@vladmandic/human", problem.Message);
    }

    [Fact]
    public void An_unknown_operator_is_named()
    {
        const string Json = """
            {"modelTopology":{"node":[
              {"name":"x","op":"Placeholder","attr":{"shape":{"shape":{"dim":[{"size":"-1"},{"size":"4"}]}}}},
              {"name":"y","op":"FancyOp","input":["x"]}]},
             "weightsManifest":[{"paths":[],"weights":[]}]}
            """;
        var graph = TfjsGraph.Parse(Encoding.UTF8.GetBytes(Json), []);
        var problem = Assert.Throws<ModelConversionException>(() => GraphConverter.Convert("m", graph, new Dictionary<string, string>()));
        Assert.Contains("FancyOp", problem.Message);
    }

    [Theory]
    [InlineData("SAME", 256, 5, 2, 1, 1, 2, 128)]     // odd padding: the extra pixel comes after
    [InlineData("SAME", 65, 3, 2, 1, 1, 1, 33)]
    [InlineData("SAME", 64, 3, 1, 2, 2, 2, 64)]
    [InlineData("SAME", 64, 1, 2, 1, 0, 0, 32)]
    [InlineData("VALID", 64, 3, 2, 1, 0, 0, 31)]
    public void Padding_is_TensorFlows(string padding, int input, int kernel, int stride, int dilation, int begin, int end, int output) =>
        Assert.Equal(new SamePadding(begin, end, output), SamePadding.For(padding, input, kernel, stride, dilation));

    public void Dispose() => _folder.Delete(recursive: true);

    private string Folder(string name) => Path.Combine(_folder.FullName, name);

    /// <summary>Keeps reports in order, on the reporting thread.</summary>
    private sealed class Lines : List<string>, IProgress<string>
    {
        public void Report(string value) => Add(value);
    }
}
