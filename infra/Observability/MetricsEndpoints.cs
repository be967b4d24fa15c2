using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace StreamPlatform.Observability;

/// <summary>Metrics inside a host.</summary>
public static class MetricsEndpoints
{
    /// <summary>
    /// Adds the collector, which starts now; the container disposes it. Give one that was created earlier where parts start before the host.
    /// </summary>
    public static IServiceCollection AddPlatformMetrics(this IServiceCollection services, PlatformMetrics? metrics = null)
    {
        metrics ??= new();
        return services.AddSingleton(_ => metrics);
    }

    /// <summary>Maps /metrics: Prometheus' text format.</summary>
    public static IEndpointConventionBuilder MapMetrics(this IEndpointRouteBuilder endpoints) =>
        endpoints.MapGet("/metrics", (PlatformMetrics metrics) => Results.Text(metrics.Write(), PlatformMetrics.ContentType));
}
