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
        app.MapPost("/control", (Delegate)SetAsync);
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
            var wanted = await JsonNode.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted) as JsonObject ?? [];
            if (wanted.FirstOrDefault(w => w.Key is not ("faults" or "model" or "latencyMs")).Key is { } unknown)
            {
                throw new ArgumentException($"there is no '{unknown}'; there are faults, model and latencyMs");
            }

            var faults = wanted["faults"]?.Deserialize<List<Fault>>(Json);
            server.Chat = wanted["model"] is { } model ? ChatModels.Named(model.GetValue<string>()) : server.Chat;
            server.Latency = wanted["latencyMs"] is { } latency ? TimeSpan.FromMilliseconds(Math.Clamp(latency.GetValue<int>(), 0, 60_000)) : server.Latency;
            if (faults is not null)
            {
                server.Faults.Set(faults);
            }

            return State();
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException or FormatException)
        {
            return Results.BadRequest(e.Message);
        }
    }
}
