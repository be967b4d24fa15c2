using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace StreamPlatform.Observability;

/// <summary>Liveness and readiness over all registered <see cref="IHealthSource"/>s.</summary>
public static class HealthEndpoints
{
    /// <summary>
    /// Maps /healthz (200 while the process answers) and /readyz and /health (200 when every source is healthy, else 503; both with each source's state).
    /// </summary>
    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/healthz", () => Results.Json(new Liveness("ok")));
        endpoints.MapGet("/readyz", Readiness);
        endpoints.MapGet("/health", Readiness);
        return endpoints;

        static IResult Readiness(IEnumerable<IHealthSource> sources, ILoggerFactory loggers)
        {
            SourceState[] states = [.. sources.Select(s => Check(s, loggers))];
            bool ready = states.All(s => s.Healthy);
            return Results.Json(new ReadinessBody(ready ? "ready" : "not ready", states), statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        }
    }

    private static SourceState Check(IHealthSource source, ILoggerFactory loggers)
    {
        try
        {
            HealthReport report = source.Check();
            return new(source.Name, report.Healthy, report.Detail);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            loggers.CreateLogger(typeof(HealthEndpoints)).HealthCheckFailed(source.Name, e);
            return new(source.Name, false, "cannot be checked: " + e.Message);
        }
    }

    private sealed record Liveness([property: JsonPropertyName("status")] string Status);

    private sealed record ReadinessBody(
        [property: JsonPropertyName("status")] string Status,
        [property: JsonPropertyName("sources")] IReadOnlyList<SourceState> Sources);

    private sealed record SourceState(
        [property: JsonPropertyName("name")] string Name,
        [property: JsonPropertyName("healthy")] bool Healthy,
        [property: JsonPropertyName("detail")] string Detail);
}
