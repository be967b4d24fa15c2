using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using StreamPlatform.Tests.EndToEnd.Support;

namespace StreamPlatform.Tests.Faults.Stores;

/// <summary>services/Persistence as a process of its own, as it is deployed.</summary>
internal sealed partial class PersistenceProcess : IAsyncDisposable
{
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly PlatformProcess process;

    public PersistenceProcess(string bootstrapServers, string registryUrl, params string[] stores) =>
        process = PlatformProcess.StartService("Persistence", ["--kafka", bootstrapServers, "--registry", registryUrl, .. stores]);

    /// <summary>Waits until it runs.</summary>
    public async Task RunningAsync() => http.BaseAddress = new Uri((await process.LineAsync(RunsLine(), TimeSpan.FromSeconds(120))).Groups[1].Value);

    /// <summary>Status of /health and what it says of one source.</summary>
    public async Task<(HttpStatusCode Status, bool Healthy, string Detail)> HealthAsync(string source, string path = "/health")
    {
        using var response = await http.GetAsync(path);
        var sources = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["sources"]!.AsArray();
        var found = sources.Single(s => s!["name"]!.GetValue<string>() == source)!;
        return (response.StatusCode, found["healthy"]!.GetValue<bool>(), found["detail"]!.GetValue<string>());
    }

    /// <summary>Everything it has read is stored and committed.</summary>
    public async Task<bool> IsDrainedAsync() => (await HealthAsync("persistence")).Detail.Contains(", lag 0", StringComparison.Ordinal);

    /// <summary>SIGKILL.</summary>
    public Task KillAsync() => process.KillAsync();

    public string Log => process.Errors;

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await process.DisposeAsync();
    }

    [GeneratedRegex(@"health and metrics at (http://[0-9.:]+)")]
    private static partial Regex RunsLine();
}
