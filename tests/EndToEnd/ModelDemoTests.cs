using System.Text.Json.Nodes;
using StreamPlatform.TestProvider;
using StreamPlatform.Tests.EndToEnd.Support;

namespace StreamPlatform.Tests.EndToEnd;

/// <summary>demo --llm URL against the test server: what a model says ends in the report.</summary>
[Trait("Run", "all")] // takes long: `test --all` runs it, and `test` when it is asked for by name
public sealed class ModelDemoTests
{
    [Fact]
    public async Task The_demos_answers_are_scored_by_the_model()
    {
        await using var server = await ProviderServer.StartAsync(ct: TestContext.Current.CancellationToken);
        using var data = new DataDirectory();
        await using var demo = PlatformProcess.Start("demo", data.Path, "--exit", "--json", "--llm", server.BaseUrl.ToString());
        var exit = await demo.ExitAsync(TimeSpan.FromMinutes(5));
        Assert.True(exit == 0, demo.Errors + demo.Output);
        var scores = JsonNode.Parse(demo.Output)!["scores"]!.AsArray();
        Assert.Equal(3, scores.Count);
        Assert.Contains(scores, score => score!["engine"]!.GetValue<string>() == "provider");
        Assert.All(scores, score => Assert.True(score!["engine"]!.GetValue<string>() == "provider" || score["needsHumanReview"]!.GetValue<bool>()));
        Assert.NotEmpty(server.Requests);
        Assert.True(JsonNode.Parse(demo.Output)!["topics"]!["ai.costs.v1"]!.GetValue<long>() >= scores.Count); // each call says what it cost
    }
}
