using System.Xml.Linq;

namespace StreamPlatform.Tests.Unit.House;

/// <summary>
/// Which project may reference which (ARCHITECTURE.md, "Layout"): schemas &lt;- topology/Streams &lt;- topology/Interview &lt;- services; infra implements
/// ports of topology/Interview or stands alone; infra/Broker references no project; only services and tests reference services.
/// </summary>
public sealed class ProjectArrowsTests
{
    /// <summary>From and to are folders, or a folder and everything in it ("services/").</summary>
    private static readonly (string From, string[] To)[] Allowed =
    [
        ("schemas", []),
        ("topology/Streams", ["schemas"]),
        ("topology/Interview", ["schemas", "topology/Streams"]),
        ("infra/Broker", []),
        ("infra/Cassandra", []), // the CQL client, shaped as the official package that can take its place
        ("infra/feed/", []), // makes packages from other makers' files
        ("infra/Processes", []), // child processes within limits
        ("infra/Providers", []), // calls to AI providers; the engines below stand on it
        ("infra/LanguageModels", ["schemas", "topology/Interview", "infra/Providers"]),
        ("infra/Speech", ["schemas", "topology/Interview", "infra/Providers", "infra/Processes"]),
        ("infra/Postgres", ["schemas", "topology/Interview", "infra/Providers"]), // keeps what AI calls cost
        ("infra/Resumes", ["schemas", "topology/Interview", "infra/Processes"]),
        ("infra/EmotionSeries", ["schemas", "topology/Interview", "infra/Cassandra"]),
        ("infra/", ["schemas", "topology/Interview"]),
        ("services/", ["schemas", "topology/", "infra/", "services/"]),
        ("tests/", ["schemas", "topology/", "infra/", "services/", "tests/ProviderServer", "tests/CqlServer"]),
    ];

    [Fact]
    public void Every_reference_between_projects_is_one_of_the_allowed_arrows()
    {
        List<string> wrong = [];
        foreach (string project in Projects())
        {
            string from = FolderOf(project);
            string[] allowed = AllowedFrom(from) ?? throw new InvalidOperationException(
                $"{project} stands where no project is expected: move it, or add its folder to ARCHITECTURE.md and to this test.");
            wrong.AddRange(References(project).Where(to => !allowed.Any(rule => Fits(rule, to))).Select(to => $"{from} -> {to}"));
        }
        Assert.True(wrong.Count == 0, $"References against the direction of dependencies: {string.Join(", ", wrong)}.");
    }

    [Fact]
    public void References_form_no_cycle_even_among_services()
    {
        Dictionary<string, string[]> arrows = Projects().ToDictionary(FolderOf, References);
        HashSet<string> placed = [];
        while (arrows.Keys.FirstOrDefault(folder => !placed.Contains(folder) && arrows[folder].All(placed.Contains)) is { } next)
        {
            placed.Add(next);
        }
        Assert.Empty(arrows.Keys.Except(placed));
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        string solution = File.ReadAllText(Repository.File("StreamPlatform.sln")).Replace('\\', '/');
        Assert.All(Projects().Where(project => !project.StartsWith("infra/feed/", StringComparison.Ordinal)), project => Assert.Contains($"\"{project}\"", solution));
    }

    [Fact]
    public void A_folder_of_two_files_is_no_library()
    {
        string[] apart = ["services/", "tests/", "infra/feed/"]; // each is a program of its own, however small
        IEnumerable<string> tooSmall = Projects()
            .Where(project => !apart.Any(folder => project.StartsWith(folder, StringComparison.Ordinal)))
            .Where(project => Repository.TrackedFiles.Count(file =>
                file.StartsWith(FolderOf(project) + "/", StringComparison.Ordinal) && (file.EndsWith(".cs", StringComparison.Ordinal) || file.EndsWith(".proto", StringComparison.Ordinal))) <= 2);
        Assert.Empty(tooSmall);
    }

    [Fact]
    public void Only_the_central_file_names_package_versions()
    {
        IEnumerable<string> offenders = Projects()
            .Where(project => !project.StartsWith("infra/feed/", StringComparison.Ordinal))
            .Where(project => Load(project).Descendants("PackageReference").Any(reference => reference.Attribute("Version") is not null));
        Assert.Empty(offenders);
    }

    private static IEnumerable<string> Projects() => Repository.TrackedFiles.Where(file => file.EndsWith(".csproj", StringComparison.Ordinal));

    private static string FolderOf(string project) => project[..project.LastIndexOf('/')];

    private static string[] References(string project) =>
    [
        .. Load(project).Descendants("ProjectReference").Select(reference =>
        {
            string path = Path.Combine(Repository.File(FolderOf(project)), reference.Attribute("Include")!.Value.Replace('\\', '/'));
            return FolderOf(Path.GetRelativePath(Repository.Root, Path.GetFullPath(path)));
        }),
    ];

    private static XDocument Load(string project) => XDocument.Load(Repository.File(project));

    private static string[]? AllowedFrom(string from) => Allowed.Where(rule => Fits(rule.From, from)).Select(rule => rule.To).FirstOrDefault();

    private static bool Fits(string rule, string folder) => rule.EndsWith('/') ? folder.StartsWith(rule, StringComparison.Ordinal) : folder == rule;
}
