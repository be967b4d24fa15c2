using System.Text.Json.Nodes;
using StreamPlatform.Tests.EndToEnd.Support;

namespace StreamPlatform.Tests.Faults.Load;

/// <summary>Many interviews at once on the embedded engines.</summary>
public sealed class ManyInterviewsTests
{
    [Fact]
    public async Task Of_twenty_interviews_at_once_every_count_of_every_one_agrees()
    {
        using var data = new DataDirectory();
        await using var process = PlatformProcess.Start("demo", data.Path, "--exit", "--json", "--sessions", "20");
        var code = await process.ExitAsync(TimeSpan.FromMinutes(12));
        Assert.True(process.Output.Length > 0, process.Errors);
        var outcome = JsonNode.Parse(process.Output)!;
        Assert.True(outcome["ok"]!.GetValue<bool>(), process.Errors);
        Assert.Equal(0, code);
        Assert.Equal(20, outcome["interviews"]!.AsArray().Count);
        Assert.Equal(20, outcome["interviews"]!.AsArray().Select(i => i!["session"]!.GetValue<string>()).Distinct().Count());
        Assert.True(outcome["framesPerSecond"]!.GetValue<double>() > 30);
        Assert.True(outcome["captureToAckP99Ms"]!.GetValue<double>() > 0);
        Assert.True(outcome["captureToWindowP99Ms"]!.GetValue<double>() > 0);
    }
}
