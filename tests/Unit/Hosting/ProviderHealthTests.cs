using StreamPlatform.Hosting;
using StreamPlatform.Providers;
using StreamPlatform.TestProvider;
using StreamPlatform.Tests.Unit.Gateway;
using StreamPlatform.Tests.Unit.Providers;

namespace StreamPlatform.Tests.Unit.Hosting;

/// <summary>What /health says of the provider.</summary>
public sealed class ProviderHealthTests
{
    [Fact]
    public async Task A_breaker_says_its_state_since_when_and_what_failed_last_without_any_secret()
    {
        var time = new JumpingTime(TimeSpan.FromSeconds(31));
        await using var bench = await ProviderBench.StartAsync(time, o => o.Keys = new KeyPoolOptions { Keys = ["sk-hidden"] });
        var health = new ProviderHealth(bench.Set, CallKind.Chat);
        Assert.Equal("provider-chat", health.Name);
        Assert.Matches("^breaker closed since [0-9TZ:-]{20}; no failure yet$", health.Check().Detail);

        bench.Server.Faults.Set(new Fault { Kind = FaultKind.ServerError });
        await bench.TryAskAsync();
        var open = health.Check();
        Assert.True(open.Healthy); // others do its work
        Assert.Matches("^breaker open since [0-9TZ:-]{20}; last failure at [0-9TZ:-]{20}: status 500", open.Detail);
        Assert.DoesNotContain("sk-hidden", open.Detail, StringComparison.Ordinal);
        Assert.Equal(BreakerState.Closed, bench.Set.Breakers.Single(b => b.Kind == CallKind.Audio).State);
    }
}
