namespace StreamPlatform.Tests.EndToEnd.Support;

/// <summary>Where things are in the checkout that the tests were built from.</summary>
public static class Repository
{
    /// <summary>Root of the checkout.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Converted models.</summary>
    public static string Models => Path.Combine(Root, ".cache", "models");

    /// <summary>Unpacked npm packages with photographs and models.</summary>
    public static string Assets => Path.Combine(Root, ".cache", "assets");

    /// <summary>Node scripts of the tests.</summary>
    public static string Js => Path.Combine(Root, "tests", "js");

    /// <summary>Folder of the real engines; null where there is none.</summary>
    public static string? Engines
    {
        get
        {
            var folder = Environment.GetEnvironmentVariable("STREAMPLATFORM_ENGINES") is { Length: > 0 } set
                ? set
                : Path.Combine(Path.GetDirectoryName(Root)!, "shared", "engines");
            return Directory.Exists(folder) ? folder : null;
        }
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "StreamPlatform.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("StreamPlatform.sln was not found above the tests");
    }
}
