using System.Text.Json.Nodes;
using StreamPlatform.Tests.EndToEnd.Support;
using Xunit;

namespace StreamPlatform.Tests.EndToEnd;

/// <summary>docs/consume.md, run as it stands there on the demo's topics.</summary>
public sealed class OutsideConsumerTests(DemoFixture demo)
{
    [Fact]
    public async Task An_analytics_team_reads_the_decoded_scores_and_the_report_with_kafkajs()
    {
        var (code, output, errors) = await NodeScript.RunAsync(TimeSpan.FromMinutes(2), "consume/run.mjs", demo.Kafka, demo.Registry.ToString().TrimEnd('/'));
        Assert.True(code == 0, errors);
        var records = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonNode.Parse(l)!)
            .Where(r => r["session"]!.GetValue<string>() == demo.SessionId).ToList();
        var scores = records.Where(r => r["topic"]!.GetValue<string>() == "analysis.scores.v1").ToList();
        Assert.Equal(3, scores.Count);
        Assert.All(scores, s => Assert.Equal("offline-rubric", s["value"]!["engine"]!.GetValue<string>()));
        var report = Assert.Single(records, r => r["topic"]!.GetValue<string>() == "interview.reports.v1");
        Assert.Equal(demo.Outcome["report"]!["overall"]!.GetValue<double>(), report["value"]!["overall"]!.GetValue<double>(), 0.001);
    }
}
