using System.Net;
using System.Text.Json.Nodes;
using StreamPlatform.Cli.Demo;
using StreamPlatform.Tests.EndToEnd.Support;

namespace StreamPlatform.Tests.Faults.Stores;

/// <summary>F16 as a candidate meets it: the database dies in the middle of one interview and before another one begins, and both take place.</summary>
[Collection("Store faults")]
[Trait("Run", "all")]
public sealed class CaptureWithoutDatabaseTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task Interviews_go_on_and_begin_while_the_database_is_down_and_are_stored_when_it_is_back()
    {
        await using var postgres = await StorePostgres.StartAsync();
        using var data = new DataDirectory();
        using var http = new HttpClient();
        var material = await Task.Run(() => DemoMaterialLoader.Load(Repository.Assets));
        await using var platform = PlatformProcess.StartRaw([
            "up", "--data", data.Path, "--listen", "127.0.0.1:0", "--broker-listen", "127.0.0.1:0", "--registry-listen", "127.0.0.1:0", "--postgres", postgres.ConnectionString]);
        var (pages, _, _) = await platform.ReadyAsync(Patience);
        var (first, begun) = await BeginAsync(http, pages);
        await using var firstClient = begun;
        await Interviews.SendFramesAsync(begun, material, 10);

        await postgres.KillAsync();
        await SinkStage.UntilAsync(async () => await StatusAsync(http, pages, "/health") == HttpStatusCode.ServiceUnavailable && (await DetailAsync(http, pages)).Contains("down for", StringComparison.Ordinal), "/health says so", Patience);
        var (second, later) = await BeginAsync(http, pages);
        await using var secondClient = later;
        foreach (var client in new[] { begun, later })
        {
            await Interviews.SendFramesAsync(client, material, 10);
            await client.SendAnswerAsync(0, "Offsets are committed in the same transaction as the outputs.", CancellationToken.None);
            await client.AllAckedAsync(Patience, CancellationToken.None);
        }

        await postgres.StartAgainAsync();
        await FinishedAsync(http, pages, first, frames: 20);
        await FinishedAsync(http, pages, second, frames: 10);
        await SinkStage.UntilAsync(async () => await StatusAsync(http, pages, "/health") == HttpStatusCode.OK, "/health is green again", Patience);
    }

    private static async Task<(string Session, CaptureClient Client)> BeginAsync(HttpClient http, Uri pages)
    {
        var (session, token) = await Interviews.CreateAsync(http, pages);
        var client = new CaptureClient(Interviews.Capture(pages, token), Interviews.TraceParent, TimeProvider.System);
        await client.ConnectAsync(CancellationToken.None);
        await client.StartAsync(CancellationToken.None);
        await client.Question.WaitAsync(TimeSpan.FromSeconds(20));
        return (session, client);
    }

    private static async Task FinishedAsync(HttpClient http, Uri pages, string session, int frames)
    {
        var results = await Interviews.WaitForResultsAsync(
            http, pages, session, r => r["answers"]?.AsArray().Count == 1 && r["scores"]?.AsArray().Count == 1 && r["emotionRows"]?.GetValue<double>() >= frames, Patience);
        Assert.Equal(frames, (int)results["emotionRows"]!.GetValue<double>());
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient http, Uri pages, string path)
    {
        using var response = await http.GetAsync(new Uri(pages, path));
        return response.StatusCode;
    }

    private static async Task<string> DetailAsync(HttpClient http, Uri pages)
    {
        using var response = await http.GetAsync(new Uri(pages, "/health"));
        var sources = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["sources"]!.AsArray();
        return sources.Single(s => s!["name"]!.GetValue<string>() == "postgres")!["detail"]!.GetValue<string>();
    }
}
