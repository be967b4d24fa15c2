using System.Diagnostics;
using System.IO.Compression;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using StreamPlatform.Streams;
using StreamPlatform.Tests.Unit.House;

namespace StreamPlatform.Tests.Unit.Streams.Guide;

/// <summary>What docs/streams.md shows is what compiles and runs; the package carries nothing else of this repository.</summary>
public sealed class GuideTests
{
    private const RegexOptions AcrossLines = RegexOptions.Singleline;
    private static readonly string Guide = File.ReadAllText(Repository.File("docs/streams.md")).ReplaceLineEndings("\n");

    private static string[] Lines(string text) => [.. text.Trim('\n').Split('\n').Select(l => l.TrimEnd())];

    [Theory]
    [InlineData("A first program", "FirstProgram")]
    [InlineData("Repartition", "Snippets")]
    [InlineData("Batching", "Snippets")]
    [InlineData("Retry topics", "Snippets")]
    public void What_a_section_shows_is_what_is_compiled(string section, string file)
    {
        var shown = Lines(Regex.Match(Guide, $"## {section}\n.*?```csharp\n(.*?)```", AcrossLines).Groups[1].Value);
        var source = File.ReadAllText(Repository.File($"tests/Unit/Streams/Guide/{file}.cs")).ReplaceLineEndings("\n");
        var compiled = Lines(Regex.Match(source, $"// {section}\n(.*?)\n *// end", AcrossLines).Groups[1].Value);
        var indent = compiled[0].Length - compiled[0].TrimStart().Length;
        Assert.Equal(compiled.Select(l => l.Length > indent ? l[indent..] : l), shown);
    }

    [Fact]
    public void Every_program_in_the_guide_is_compared() => Assert.Equal(4, Regex.Count(Guide, "```csharp"));

    [Fact]
    public void The_first_program_has_at_most_30_lines() =>
        Assert.InRange(Lines(Regex.Match(Guide, "```csharp\n(.*?)```", AcrossLines).Groups[1].Value).Length, 10, 30);

    [Fact]
    public async Task The_snippets_run()
    {
        var builder = new StreamsBuilder("snippets");
        Snippets.Repartition(builder.Stream("words", Serdes.Utf8, Serdes.Utf8)).To("lengths", Serdes.Utf8, Serdes.Int64);
        Snippets.Retried(builder, Serdes.Utf8, Serdes.Utf8).To("done", Serdes.Utf8, Serdes.Utf8);
        await Snippets.Batching(new Lengths(), builder.Stream("answers", Serdes.Utf8, Serdes.Utf8), () =>
        {
            using var driver = new TopologyTestDriver(builder.Build());
            foreach (var word in new[] { "ox", "cat", "ant" }) driver.Pipe("words", "k", word, Serdes.Utf8, Serdes.Utf8);
            Assert.Equal([("2", 1L), ("3", 1L), ("3", 2L)], driver.Read("lengths", Serdes.Utf8, Serdes.Int64).Select(r => (r.Key!, r.Value)));
            driver.Pipe("orders", "k", "tea", Serdes.Utf8, Serdes.Utf8);
            Assert.Equal("tea", driver.Read("done", Serdes.Utf8, Serdes.Utf8).Single().Value);
            driver.Pipe("answers", "k", "four", Serdes.Utf8, Serdes.Utf8);
            Assert.Equal(4, driver.Read("scores", Serdes.Utf8, Serdes.Json<double>()).Single().Value);
        });
    }

    private sealed class Lengths : Snippets.IModel
    {
        public Task<IReadOnlyList<double>> ScoreAsync(IReadOnlyList<string> answers, CancellationToken cancel) => Task.FromResult<IReadOnlyList<double>>([.. answers.Select(a => (double)a.Length)]);
    }

    [Fact]
    public void The_first_program_runs()
    {
        var topology = FirstProgram.Build((text, key, _) => Task.FromResult(key.StartsWith("greeter/visits/", StringComparison.Ordinal) ? text.Replace("hello", "bonjour") : "no key"));
        Assert.Equal("Ada: bonjour", FirstProgram.InMemory(topology));
        Assert.Contains("visits", topology.DescribeMermaid());
    }

    /// <summary>Every public operator's name stands in the guide's feature table or text.</summary>
    [Fact]
    public void The_guide_names_every_operator()
    {
        var operators = new[] { typeof(IKStream<,>), typeof(IKTable<,>), typeof(IKGroupedStream<,>), typeof(IWindowedStream<,>), typeof(ISessionWindowedStream<,>) }
            .SelectMany(t => t.GetMethods()).Where(m => !m.IsSpecialName).Select(m => m.Name).Distinct();
        Assert.DoesNotContain(operators, name => !Regex.IsMatch(Guide, $@"\b{name}\b"));
    }

    [Fact]
    public void The_library_references_packages_only()
    {
        var project = XDocument.Load(Repository.File("topology/Streams/StreamPlatform.Streams.csproj"));
        Assert.Empty(project.Descendants("ProjectReference"));
        Assert.Equal(["Confluent.Kafka", "Microsoft.Extensions.Logging.Abstractions"], project.Descendants("PackageReference").Select(p => p.Attribute("Include")!.Value).Order());
        var references = typeof(StreamsBuilder).Assembly.GetReferencedAssemblies().Select(a => a.Name!);
        Assert.DoesNotContain(references, name => name.StartsWith("StreamPlatform", StringComparison.Ordinal));
    }

    [Fact]
    public async Task It_packs_with_those_dependencies_and_its_assembly_alone()
    {
        var folder = Directory.CreateTempSubdirectory("streams-pack-");
        try
        {
            var configuration = AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}") ? "Release" : "Debug";
            // what the test's own build made is packed: nothing is compiled
            var pack = Process.Start(new ProcessStartInfo("dotnet", ["pack", Repository.File("topology/Streams/StreamPlatform.Streams.csproj"), "--no-build", "-c", configuration, "-o", folder.FullName, "-nologo", "-v", "q"])
            {
                RedirectStandardOutput = true, RedirectStandardError = true,
            })!;
            var said = await pack.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await pack.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(pack.ExitCode == 0, said);
            using var package = ZipFile.OpenRead(Directory.GetFiles(folder.FullName, "*.nupkg").Single());
            Assert.Equal(["lib/net10.0/StreamPlatform.Streams.dll", "lib/net10.0/StreamPlatform.Streams.xml"], package.Entries.Select(e => e.FullName).Where(n => n.StartsWith("lib/", StringComparison.Ordinal)).Order());
            Assert.NotNull(package.GetEntry("README.md"));
            await using var nuspec = package.Entries.Single(e => e.Name.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
            var dependencies = (await XDocument.LoadAsync(nuspec, LoadOptions.None, TestContext.Current.CancellationToken)).Descendants().Where(e => e.Name.LocalName == "dependency");
            Assert.Equal(["Confluent.Kafka", "Microsoft.Extensions.Logging.Abstractions"], dependencies.Select(d => d.Attribute("id")!.Value).Order());
        }
        finally { folder.Delete(recursive: true); }
    }
}
