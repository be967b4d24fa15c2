using System.Text.Json.Nodes;
using StreamPlatform.Tests.EndToEnd;
using StreamPlatform.Tests.EndToEnd.Support;
using Xunit;

[assembly: AssemblyFixture(typeof(DemoFixture))]
[assembly: CollectionBehavior(CollectionBehavior.CollectionPerAssembly, DisableTestParallelization = true)]

namespace StreamPlatform.Tests.EndToEnd;

/// <summary>One demo, played once by the command that CI and people use, then served again from its data: many tests look at it.</summary>
public sealed class DemoFixture : IAsyncLifetime
{
    private static readonly TimeSpan DemoTime = TimeSpan.FromMinutes(5);
    private readonly DataDirectory data = new();
    private PlatformProcess? process;

    /// <summary>All that the demo printed on stdout.</summary>
    public string Printed { get; private set; } = "";

    /// <summary>All that the demo printed on stderr.</summary>
    public string Errors { get; private set; } = "";

    public int ExitCode { get; private set; }

    /// <summary>The JSON object in <see cref="Printed"/>.</summary>
    public JsonObject Outcome { get; private set; } = [];

    public Uri Pages { get; private set; } = new("http://127.0.0.1");

    public string Kafka { get; private set; } = "";

    public Uri Registry { get; private set; } = new("http://127.0.0.1");

    public string SessionId => Outcome["session"]!.GetValue<string>();

    public HttpClient Http { get; } = new();

    public async ValueTask InitializeAsync()
    {
        await using (var demo = PlatformProcess.Start("demo", data.Path, "--exit", "--json"))
        {
            ExitCode = await demo.ExitAsync(DemoTime);
            (Printed, Errors) = (demo.Output, demo.Errors);
        }

        Outcome = Printed.Length > 0 ? JsonNode.Parse(Printed)!.AsObject() : throw new InvalidOperationException($"the demo ended with {ExitCode} and printed nothing:\n{Errors}");
        process = PlatformProcess.Start("up", data.Path);
        (Pages, Kafka, Registry) = await process.ReadyAsync(TimeSpan.FromMinutes(2));
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
}
