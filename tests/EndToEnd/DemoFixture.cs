using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using StreamPlatform.Tests.EndToEnd;
using StreamPlatform.Tests.EndToEnd.Support;
using Xunit;

[assembly: AssemblyFixture(typeof(DemoFixture))]
[assembly: CollectionBehavior(CollectionBehavior.CollectionPerAssembly, DisableTestParallelization = true)]

namespace StreamPlatform.Tests.EndToEnd;

/// <summary>One demo, played once and kept serving, that many tests look at.</summary>
public sealed partial class DemoFixture : IAsyncLifetime
{
    private static readonly TimeSpan DemoTime = TimeSpan.FromMinutes(5);
    private readonly DataDirectory data = new();
    private PlatformProcess? process;

    /// <summary>What the demo printed on stdout.</summary>
    public JsonObject Outcome { get; private set; } = [];

    public Uri Pages { get; private set; } = new("http://127.0.0.1");

    public string Kafka { get; private set; } = "";

    public Uri Registry { get; private set; } = new("http://127.0.0.1");

    public string SessionId => Outcome["session"]!.GetValue<string>();

    public HttpClient Http { get; } = new();

    public async ValueTask InitializeAsync()
    {
        process = PlatformProcess.Start("demo", data.Path, "--json");
        (Pages, Kafka, Registry) = await process.ReadyAsync(TimeSpan.FromMinutes(2));
        var line = await process.LineAsync(JsonLine(), DemoTime);
        Outcome = JsonNode.Parse(line.Value)!.AsObject();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        if (process is not null)
        {
            await process.DisposeAsync();
        }

        data.Dispose();
    }

    [GeneratedRegex(@"^\{.*""ok"":.*\}$")]
    private static partial Regex JsonLine();
}
