using System.CommandLine;
using System.Text.Json;
using StreamPlatform.Hosting;

namespace StreamPlatform.Cli.Commands;

/// <summary><c>status [ADDRESS]</c>: what of a running platform (or service) works, what is down first. Ends with 1 when something is.</summary>
internal static class StatusCommand
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public static Command Create()
    {
        var address = new Argument<string>("address") { Description = "Where its pages or its health are", DefaultValueFactory = _ => "http://127.0.0.1:8080" };
        var command = new Command("status", "Say which parts and stores of a running platform work, and which are down since when") { address };
        command.SetAction(async (parsed, ct) =>
        {
            var health = await AskAsync(parsed.GetValue(address)!, ct);
            Console.Write(Text(health));
            return health.Sources.All(s => s.Healthy) ? 0 : CommandLine.Failure;
        });
        return command;
    }

    /// <summary>A line of summary, then a line for each part: first what is down, then what works.</summary>
    public static string Text(Health health)
    {
        var down = health.Sources.Where(s => !s.Healthy).Select(s => s.Name).ToList();
        var width = health.Sources.Select(s => s.Name.Length).DefaultIfEmpty(0).Max();
        var lines = health.Sources.OrderBy(s => s.Healthy).Select(s => $"  {(s.Healthy ? "ok  " : "DOWN")}  {s.Name.PadRight(width)}  {s.Detail}");
        return string.Join('\n', [down.Count == 0 ? "everything works" : $"not everything works: {string.Join(", ", down)}", .. lines, ""]);
    }

    private static async Task<Health> AskAsync(string address, CancellationToken ct)
    {
        if (!Uri.TryCreate(address.TrimEnd('/') + "/health", UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            throw new ArgumentException($"'{address}' is no address; status takes one such as http://127.0.0.1:8080");
        }

        using var http = new HttpClient { Timeout = Timeout, MaxResponseContentBufferSize = 1 << 20 };
        try
        {
            using var answer = await http.GetAsync(uri, ct);
            return JsonSerializer.Deserialize<Health>(await answer.Content.ReadAsStringAsync(ct), Json) is { Sources: not null } health
                ? health
                : throw new JsonException();
        }
        catch (Exception e) when (e is HttpRequestException or JsonException || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            throw new PlatformException($"no StreamPlatform answers at {address}: {(e is JsonException ? "what is there is something else" : e.Message)}; start it (./streamplatform up), or give its address", e);
        }
    }

    /// <summary>Body of /health.</summary>
    internal sealed record Health(string Status, IReadOnlyList<Source> Sources);

    /// <param name="Name">Part or store.</param>
    /// <param name="Healthy">It works.</param>
    /// <param name="Detail">What it does, or what is wrong.</param>
    internal sealed record Source(string Name, bool Healthy, string Detail);
}
