using System.Net;
using System.Text.RegularExpressions;
using StreamPlatform.Tests.EndToEnd.Support;

namespace StreamPlatform.Tests.EndToEnd;

/// <summary>Each service runs by itself beside the platform, on its Kafka and its registry, in a slot of its own.</summary>
public sealed partial class ServicesTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task A_service_by_itself_joins_its_group_and_shows_health_and_metrics()
    {
        using var data = new DataDirectory();
        await using var platform = PlatformProcess.Start("up", data.Path);
        var (_, kafka, registry) = await platform.ReadyAsync(Patience);
        foreach (var (service, application) in new[] { ("Emotion", "emotion"), ("Transcription", "transcription"), ("Scoring", "scoring"), ("Aggregation", "reports") })
        {
            await using var process = PlatformProcess.StartService(service, "--kafka", kafka, "--registry", registry.ToString(), "--slot", "1");
            var address = new Uri((await process.LineAsync(RunsLine(), Patience)).Groups[1].Value);
            using var http = new HttpClient { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) };
            using var health = await http.GetAsync("/health", TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, health.StatusCode);
            Assert.Contains($"\"{application}\"", await health.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
            Assert.Contains($"\"{application}\"", await http.GetStringAsync("/metrics", TestContext.Current.CancellationToken), StringComparison.Ordinal);
            process.Interrupt();
            Assert.Equal(0, await process.ExitAsync(Patience));
        }
    }

    [Theory]
    [InlineData("Scoring", "--kafka")]
    [InlineData("Persistence", "--postgres")]
    public async Task A_service_that_lacks_an_argument_names_it(string service, string missing)
    {
        using var data = new DataDirectory();
        string[] args = [];
        PlatformProcess? platform = null;
        if (missing == "--postgres")
        {
            platform = PlatformProcess.Start("up", data.Path);
            var (_, kafka, registry) = await platform.ReadyAsync(Patience);
            args = ["--kafka", kafka, "--registry", registry.ToString()];
        }

        await using var process = PlatformProcess.StartService(service, args);
        Assert.Equal(1, await process.ExitAsync(Patience));
        Assert.Contains(missing, process.Errors, StringComparison.Ordinal);
        await (platform?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    [GeneratedRegex(@"health and metrics at (http://[0-9.:]+)")]
    private static partial Regex RunsLine();
}
