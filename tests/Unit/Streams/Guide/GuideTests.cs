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
    private static string[] Lines(string text) => [.. text.ReplaceLineEndings("\n").Trim('\n').Split('\n').Select(l => l.TrimEnd())];

    [Fact]
    public void The_first_program_in_the_guide_is_the_compiled_one_and_has_at_most_30_lines()
    {
        var guide = File.ReadAllText(Repository.File("docs/streams.md")).ReplaceLineEndings("\n");
        var shown = Lines(Regex.Match(guide, "## A first program\n.*?```csharp\n(.*?)```", RegexOptions.Singleline).Groups[1].Value);
        var source = File.ReadAllText(Repository.File("tests/Unit/Streams/Guide/FirstProgram.cs")).ReplaceLineEndings("\n");
        var compiled = Lines(Regex.Match(source, "// first program\n(.*?)    // end", RegexOptions.Singleline).Groups[1].Value)
            .Select(l => l.StartsWith("    ", StringComparison.Ordinal) ? l[4..] : l);
        Assert.Equal(compiled, shown);
        Assert.InRange(shown.Length, 10, 30);
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
        var guide = File.ReadAllText(Repository.File("docs/streams.md"));
        var operators = new[] { typeof(IKStream<,>), typeof(IKTable<,>), typeof(IKGroupedStream<,>), typeof(IWindowedStream<,>), typeof(ISessionWindowedStream<,>) }
            .SelectMany(t => t.GetMethods()).Where(m => !m.IsSpecialName).Select(m => m.Name).Distinct();
        Assert.DoesNotContain(operators, name => !Regex.IsMatch(guide, $@"\b{name}\b"));
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
