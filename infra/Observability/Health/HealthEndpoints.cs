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
    /// Maps /healthz (200 while the process answers), /health (200 when every source is healthy, else 503) and /readyz (the same of the critical
    /// sources: an instance whose store is down still captures and is not taken out of rotation); the latter two with each source's state.
    /// </summary>
    public static IEndpointRouteBuilder MapHealth(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/healthz", () => Results.Json(new Liveness("ok")));
        endpoints.MapGet("/readyz", (IEnumerable<IHealthSource> sources, ILoggerFactory loggers) => Answer(sources, loggers, source => source.IsCritical));
        endpoints.MapGet("/health", (IEnumerable<IHealthSource> sources, ILoggerFactory loggers) => Answer(sources, loggers, _ => true));
        return endpoints;
    }

    private static IResult Answer(IEnumerable<IHealthSource> sources, ILoggerFactory loggers, Func<IHealthSource, bool> counts)
    {
        var states = sources.Select(source => (Counts: counts(source), State: Check(source, loggers))).ToArray();
        bool ready = states.All(s => s.State.Healthy || !s.Counts);
        return Results.Json(
            new ReadinessBody(ready ? "ready" : "not ready", [.. states.Select(s => s.State)]),
            statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
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
