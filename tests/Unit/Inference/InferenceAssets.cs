using StreamPlatform.Inference.Faces;

namespace StreamPlatform.Tests.Unit.Inference;

/// <summary>Where set-up puts converted models and unpacked npm packages; tests skip where it has not run.</summary>
internal static class InferenceAssets
{
    private static readonly string Root = FindRoot();

    public static string Models => Environment.GetEnvironmentVariable("STREAMPLATFORM_MODELS") ?? Path.Combine(Root, ".cache", "models");

    public static string HumanPackage => Path.Combine(Packages, "human", "package");

    public static string Photos => Path.Combine(Packages, "face-api", "package", "demo");

    public static string Data => Path.Combine(Root, "tests", "Unit", "Inference", "Data");

    public static string JavaScript => Path.Combine(Root, "tests", "js");

    public static string Packages => Environment.GetEnvironmentVariable("STREAMPLATFORM_ASSETS") ?? Path.Combine(Root, ".cache", "assets");

    public static void SkipWithoutModels() =>
        Assert.SkipUnless(File.Exists(Path.Combine(Models, "manifest.json")), "models are not converted: run ./streamplatform once");

    public static void SkipWithoutHuman() =>
        Assert.SkipUnless(Directory.Exists(HumanPackage), "npm package @vladmandic/human is not unpacked: run ./streamplatform once");

    public static void SkipWithoutPhotos() =>
        Assert.SkipUnless(Directory.Exists(Photos), "npm package @vladmandic/face-api is not unpacked: run ./streamplatform once");

    public static void SkipWithoutTensorFlow()
    {
        SkipWithoutHuman();
        Assert.SkipUnless(
            Directory.Exists(Path.Combine(JavaScript, "node_modules", "@tensorflow", "tfjs")) && OnPath("node"),
            "Node.js or TensorFlow.js is missing: run npm ci in tests/js");
    }

    /// <summary>An analyser for one test.</summary>
    public static FaceAnalyzer Analyzer(Action<FaceAnalyzerOptions>? change = null, TimeProvider? time = null)
    {
        SkipWithoutModels();
        var options = new FaceAnalyzerOptions { ModelDirectory = Models };
        change?.Invoke(options);
        return new FaceAnalyzer(options, time);
    }

    private static bool OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "StreamPlatform.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("StreamPlatform.sln is in no folder above the tests");
    }
}
