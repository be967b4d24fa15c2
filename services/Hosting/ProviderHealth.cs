using System.Globalization;
using StreamPlatform.Observability;
using StreamPlatform.Providers;

namespace StreamPlatform.Hosting;

/// <summary>The breaker of one kind of AI calls. Always healthy: what a provider does not do, another engine or a person does.</summary>
public sealed class ProviderHealth(ProviderSet providers, CallKind kind) : IHealthSource
{
    public string Name { get; } = "provider-" + kind.ToString().ToLowerInvariant();

    public HealthReport Check() => new(true, Describe(providers.Breakers.Single(b => b.Kind == kind)));

    /// <summary>"breaker open since 2026-11-28T13:00:00Z; last failure at 2026-11-28T13:00:00Z: status 503".</summary>
    public static string Describe(BreakerStatus breaker)
    {
        var state = breaker.State switch { BreakerState.Open => "open", BreakerState.HalfOpen => "half-open", _ => "closed" };
        var last = breaker.LastFailureAt is { } at ? $"last failure at {Text(at)}: {breaker.LastFailure}" : "no failure yet";
        return $"breaker {state} since {Text(breaker.Since)}; {last}";
    }

    private static string Text(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
