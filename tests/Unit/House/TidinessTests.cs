using System.Text.RegularExpressions;

namespace StreamPlatform.Tests.Unit.House;

/// <summary>The code's own tidiness.</summary>
public sealed partial class TidinessTests
{
    private const int MaxLines = 500;

    private static readonly string[] Sources = [".cs", ".proto", ".js", ".mjs", ".html", ".css", ".sh", ".sql", ".md", ".yml", ".yaml", ".csproj", ".props"];
    private static readonly string[] Binary = [".gz", ".png", ".jpg", ".jpeg", ".onnx", ".wav", ".bin", ".ico", ".pb"];

    [Fact]
    public void No_source_file_is_longer_than_500_lines()
    {
        IEnumerable<string> tooLong = Repository.TrackedFiles
            .Where(file => Sources.Contains(Path.GetExtension(file)))
            .Select(file => (File: file, Lines: File.ReadLines(Repository.File(file)).Count()))
            .Where(each => each.Lines > MaxLines)
            .Select(each => $"{each.File}: {each.Lines} lines");
        Assert.Empty(tooLong);
    }

    [Fact]
    public void No_tracked_file_names_a_place_of_one_machine_or_the_host_of_a_package_registry()
    {
        List<string> found = [];
        foreach (string file in Repository.TrackedFiles.Where(file => !Binary.Contains(Path.GetExtension(file))))
        {
            int line = 0;
            foreach (string text in File.ReadLines(Repository.File(file)))
            {
                line++;
                if (MachinePath().IsMatch(text) || RegistryHost().IsMatch(text))
                {
                    found.Add($"{file}:{line}");
                }
            }
        }
        Assert.Empty(found);
    }

    [Fact]
    public void Nothing_built_is_tracked() =>
        Assert.DoesNotContain(Repository.TrackedFiles, file => file.Split('/').Any(part => part is "bin" or "obj" or "node_modules"));

    // Home and work folders of whoever built it; system paths such as /usr/share are the same on every machine.
    [GeneratedRegex("""(?<![\w.$}/*-])/(home/\w|root/|work/|Users/\w|mnt/\w)|[A-Z]:\\\\?Users""")]
    private static partial Regex MachinePath();

    [GeneratedRegex("""://[\w.-]*(npm|nuget|pypi|artifactory|nexus|jfrog|verdaccio)[\w-]*\.[a-z]""", RegexOptions.IgnoreCase)]
    private static partial Regex RegistryHost();
}
