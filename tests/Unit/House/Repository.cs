using System.Diagnostics;

namespace StreamPlatform.Tests.Unit.House;

/// <summary>The repository that the tests were built from.</summary>
internal static class Repository
{
    /// <summary>Its root folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Absolute path of a file named from the root.</summary>
    public static string File(string path) => Path.Combine(Root, path);

    /// <summary>Files that git tracks or would track, named from the root with '/'; nothing that .gitignore names.</summary>
    public static IReadOnlyList<string> TrackedFiles { get; } = ListTracked();

    private static string FindRoot()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(folder.FullName, "StreamPlatform.sln")))
            {
                return folder.FullName;
            }
        }
        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds StreamPlatform.sln: run the tests from their build folder.");
    }

    private static string[] ListTracked()
    {
        using Process git = Process.Start(new ProcessStartInfo("git", ["ls-files", "--cached", "--others", "--exclude-standard"])
        {
            WorkingDirectory = Root, RedirectStandardOutput = true,
        })!;
        string output = git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(path => System.IO.File.Exists(File(path)))];
    }
}
