using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace StreamPlatform.TestProvider;

/// <summary>
/// /control: GET shows rules and counts; POST {"faults": [{"kind": "Hang", "endpoint": "chat", "count": 3}], "model": "gullible", "latencyMs": 20} sets what it names;
/// DELETE ends all faults; GET /control/requests lists what was asked.
/// </summary>
internal sealed class ControlEndpoint(ProviderServer server)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow };

    public void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/control", State);
        app.MapPost("/control", SetAsync);
        app.MapDelete("/control", () =>
        {
            server.Faults.Clear();
            return State();
        });
        app.MapGet("/control/requests", () => Results.Json(server.Requests, Json));
    }

    /// <summary>GET /v1/models.</summary>
    public static Task ModelsAsync(HttpContext http) => http.Response.WriteAsJsonAsync(new JsonObject
    {
        ["object"] = "list",
        ["data"] = new JsonArray([.. new[] { "gpt-4o", "gpt-4o-mini", "whisper-1", "tts-1" }.Select(m =>
            (JsonNode)new JsonObject { ["id"] = m, ["object"] = "model", ["created"] = 0, ["owned_by"] = "test" })]),
    });

    private IResult State() => Results.Json(
        new
        {
            requests = server.Requests.GroupBy(r => r.Endpoint).ToDictionary(g => g.Key, g => g.Count()),
            faults = server.Faults.Rules.Select(r => new { r.Fault, r.Acted }),
            latencyMs = server.Latency.TotalMilliseconds,
            model = server.Chat.GetType().Name,
        },
        Json);

    private async Task<IResult> SetAsync(HttpContext http)
    {
        try
        {
            var wanted = await http.Request.ReadFromJsonAsync<Wanted>(Json, http.RequestAborted) ?? new Wanted(null, null, null);
            if (wanted.Model is { } model)
            {
                server.Chat = ChatModels.Named(model);
            }

            if (wanted.LatencyMs is { } latency)
            {
                server.Latency = TimeSpan.FromMilliseconds(Math.Clamp(latency, 0, 60_000));
            }

            if (wanted.Faults is { } faults)
            {
                server.Faults.Set(faults);
            }

            return State();
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return Results.BadRequest(e.Message);
        }
    }

    private sealed record Wanted(IReadOnlyList<Fault>? Faults, string? Model, int? LatencyMs);
}
