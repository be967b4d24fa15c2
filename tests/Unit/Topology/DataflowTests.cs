using StreamPlatform.Tests.Unit.House;
using Xunit;

namespace StreamPlatform.Tests.Unit.Topology;

/// <summary>A newcomer finds the whole dataflow on one screen, and there is no second path around the stream runtime.</summary>
public sealed class DataflowTests
{
    private const string Dataflow = "topology/Interview/InterviewTopology.cs";
    private const string ResumeDataflow = "topology/Interview/ResumeTopology.cs";

    [Fact]
    public void It_fits_one_screen() => Assert.InRange(File.ReadLines(Repository.File(Dataflow)).Count(), 1, 70);

    [Fact]
    public void The_pipelines_know_Kafka_through_the_stream_runtime_alone()
    {
        var sources = Repository.TrackedFiles.Where(f => f.StartsWith("topology/Interview/", StringComparison.Ordinal) && (f.EndsWith(".cs", StringComparison.Ordinal) || f.EndsWith(".csproj", StringComparison.Ordinal)))
            .ToDictionary(f => f, f => File.ReadAllText(Repository.File(f)));
        Assert.DoesNotContain(sources.Values, text => text.Contains("Confluent.", StringComparison.Ordinal));
        Assert.Equal(["topology/Interview/EventTopology.cs"], sources.Where(s => s.Value.Contains("StreamsBuilder", StringComparison.Ordinal)).Select(s => s.Key));
        Assert.Equal([Dataflow, ResumeDataflow], sources.Where(s => s.Value.Contains("EventTopology.Build(", StringComparison.Ordinal)).Select(s => s.Key).Order(StringComparer.Ordinal));
    }
}
