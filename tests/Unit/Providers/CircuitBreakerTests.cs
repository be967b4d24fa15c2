using StreamPlatform.Providers;
using StreamPlatform.Tests.Unit.Gateway;

namespace StreamPlatform.Tests.Unit.Providers;

public sealed class CircuitBreakerTests
{
    private readonly ManualTime time = new();
    private readonly List<string> changes = [];

    [Theory]
    [InlineData(CallKind.Chat, 3, 2, 60, 2)]
    [InlineData(CallKind.Audio, 5, 3, 30, 3)]
    [InlineData(CallKind.Speech, 5, 3, 30, 3)]
    public void Opens_tries_and_closes_by_the_numbers_of_its_kind(CallKind kind, int failures, int successes, int openSeconds, int probes)
    {
        var breaker = Create(kind);
        for (var i = 0; i < failures; i++)
        {
            Assert.Equal(BreakerState.Closed, breaker.State);
            breaker.TryEnter()!.Failed();
        }

        Assert.Equal(BreakerState.Open, breaker.State);
        Assert.Null(breaker.TryEnter());
        time.Advance(TimeSpan.FromSeconds(openSeconds) - TimeSpan.FromMilliseconds(1));
        Assert.Null(breaker.TryEnter());
        time.Advance(TimeSpan.FromMilliseconds(1));
        var trying = Enumerable.Range(0, probes).Select(_ => breaker.TryEnter()!).ToList();
        Assert.All(trying, Assert.NotNull);
        Assert.Null(breaker.TryEnter());
        for (var i = 0; i < successes; i++)
        {
            Assert.Equal(BreakerState.HalfOpen, breaker.State);
            (i < trying.Count ? trying[i] : breaker.TryEnter()!).Succeeded();
        }

        Assert.Equal(BreakerState.Closed, breaker.State);
        Assert.Equal(["Closed>Open", "Open>HalfOpen", "HalfOpen>Closed"], changes);
    }

    [Fact]
    public void Its_status_says_since_when_and_what_failed_last()
    {
        var breaker = Create(CallKind.Chat);
        var start = time.GetUtcNow();
        Assert.Equal(new BreakerStatus(CallKind.Chat, BreakerState.Closed, start, "", null), breaker.Status(CallKind.Chat));
        time.Advance(TimeSpan.FromSeconds(5));
        for (var i = 0; i < 3; i++)
        {
            breaker.TryEnter()!.Failed($"status 50{i}");
        }

        var opened = start.AddSeconds(5);
        Assert.Equal(new BreakerStatus(CallKind.Chat, BreakerState.Open, opened, "status 502", opened), breaker.Status(CallKind.Chat));
        time.Advance(TimeSpan.FromSeconds(70)); // nothing is asked: half open by the clock
        Assert.Equal(new BreakerStatus(CallKind.Chat, BreakerState.HalfOpen, opened.AddSeconds(60), "status 502", opened), breaker.Status(CallKind.Chat));
        breaker.TryEnter()!.Succeeded();
        breaker.TryEnter()!.Succeeded();
        Assert.Equal(new BreakerStatus(CallKind.Chat, BreakerState.Closed, opened.AddSeconds(70), "status 502", opened), breaker.Status(CallKind.Chat));
    }

    [Fact]
    public void One_failure_while_half_open_opens_it_again()
    {
        var breaker = Opened();
        time.Advance(TimeSpan.FromSeconds(60));
        breaker.TryEnter()!.Failed();
        Assert.Equal(BreakerState.Open, breaker.State);
        Assert.Equal(TimeSpan.FromSeconds(60), breaker.OpenFor);
    }

    [Fact]
    public void A_success_between_failures_begins_the_count_anew_and_silence_changes_nothing()
    {
        var breaker = Create(CallKind.Chat);
        breaker.TryEnter()!.Failed();
        breaker.TryEnter()!.Failed();
        breaker.TryEnter()!.Succeeded();
        breaker.TryEnter()!.Failed();
        breaker.TryEnter()!.Failed();
        breaker.TryEnter()!.Dispose();
        Assert.Equal(BreakerState.Closed, breaker.State);
        breaker.TryEnter()!.Failed();
        Assert.Equal(BreakerState.Open, breaker.State);
    }

    [Fact]
    public void A_call_from_before_a_change_counts_for_nothing_after_it()
    {
        var breaker = Create(CallKind.Chat);
        var old = breaker.TryEnter()!;
        for (var i = 0; i < 3; i++)
        {
            breaker.TryEnter()!.Failed();
        }

        time.Advance(TimeSpan.FromSeconds(60));
        var probe = breaker.TryEnter()!;
        old.Failed();
        Assert.Equal(BreakerState.HalfOpen, breaker.State);
        probe.Dispose();
        Assert.NotNull(breaker.TryEnter());
    }

    private CircuitBreaker Create(CallKind kind) => new(BreakerRules.Of(kind), time, (from, to) => changes.Add($"{from}>{to}"));

    private CircuitBreaker Opened()
    {
        var breaker = Create(CallKind.Chat);
        for (var i = 0; i < 3; i++)
        {
            breaker.TryEnter()!.Failed();
        }

        return breaker;
    }
}
