using System.Text.Json.Nodes;
using StreamPlatform.Tests.EndToEnd.Support;
using Xunit;

namespace StreamPlatform.Tests.EndToEnd;

/// <summary>The same demo on a real Apache Kafka.</summary>
[Trait("Run", "all")] // takes long: `test --all` runs it, and `test` when it is asked for by name
public sealed class ApacheKafkaTests(DemoFixture demo)
{
    [Fact]
    public async Task The_demo_on_Apache_Kafka_gives_the_same_counts()
    {
        await using var kafka = await ApacheKafka.StartAsync();
        using var data = new DataDirectory();
        await using var process = PlatformProcess.Start("demo", data.Path, "--exit", "--json", "--kafka", kafka.BootstrapServers);
        var code = await process.ExitAsync(TimeSpan.FromMinutes(5));
        Assert.True(process.Output.Length > 0, process.Errors);
        var outcome = JsonNode.Parse(process.Output)!;
        Assert.True(outcome["ok"]!.GetValue<bool>(), outcome["problems"]!.ToJsonString() + process.Errors);
        Assert.Equal(0, code);
        Assert.Equal(demo.Outcome["stored"]!["postgres"]!.ToJsonString(), outcome["stored"]!["postgres"]!.ToJsonString());
        foreach (var topic in new[] { "interview.answers.v1", "analysis.scores.v1", "interview.reports.v1", "capture.audio.v1", "capture.frames.v1.dlq" })
        {
            Assert.Equal(demo.Outcome["topics"]![topic]!.ToJsonString(), outcome["topics"]![topic]!.ToJsonString());
        }

        Assert.Equal(outcome["frames"]!["acked"]!.ToJsonString(), outcome["topics"]!["capture.frames.v1"]!.ToJsonString());
    }
}
