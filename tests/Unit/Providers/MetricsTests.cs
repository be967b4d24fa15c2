using StreamPlatform.Observability;
using StreamPlatform.Providers;
using StreamPlatform.TestProvider;

namespace StreamPlatform.Tests.Unit.Providers;

public sealed class MetricsTests
{
    [Fact]
    public async Task Calls_cost_cache_keys_and_breakers_are_shown_and_no_key_is()
    {
        using var metrics = new PlatformMetrics();
        await using var bench = await ProviderBench.StartAsync(o => o.Keys = new KeyPoolOptions { Keys = ["sk-hidden"] });
        await bench.AskAsync(cacheKey: "k");
        await bench.AskAsync(cacheKey: "k");
        bench.Server.Faults.Set(new Fault { Kind = FaultKind.Quota });
        await bench.TryAskAsync();
        var page = metrics.Write();
        Assert.DoesNotContain("sk-hidden", page, StringComparison.Ordinal);
        foreach (var name in new[]
        {
            "providers_calls", "providers_attempts", "providers_attempts_failed", "providers_units", "providers_cost", "providers_cache_hits", "providers_call_duration",
            "providers_breaker_state", "providers_breaker_state_age", "providers_waiting", "providers_key_requests", "providers_key_blocked",
        })
        {
            Assert.Contains(name, page, StringComparison.Ordinal);
        }

        Assert.Contains(ApiKey.HashOf("sk-hidden"), page, StringComparison.Ordinal);
        Assert.Contains("outcome=\"QuotaExhausted\"", page, StringComparison.Ordinal);
    }
}
