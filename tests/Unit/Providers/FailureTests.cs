using StreamPlatform.Providers;
using StreamPlatform.TestProvider;

namespace StreamPlatform.Tests.Unit.Providers;

/// <summary>F10: every failure of a language model, with the real SDK over HTTP, on a virtual clock.</summary>
public sealed class FailureTests
{
    private const string Schema = """{"type":"object","properties":{"score":{"type":"integer","minimum":0,"maximum":100}},"required":["score"],"additionalProperties":false}""";

    public static TheoryData<FaultKind, RetryClass, int, ProviderFailure> Persistent => new()
    {
        // limits: every retry of the class
        { FaultKind.RateLimitWithoutTime, RetryClass.Live, 3, ProviderFailure.RateLimited },
        { FaultKind.RateLimitWithoutTime, RetryClass.Standard, 4, ProviderFailure.RateLimited },
        { FaultKind.RateLimitWithoutTime, RetryClass.Batch, 6, ProviderFailure.RateLimited },

        // failures of the provider: until the breaker opens at the third
        { FaultKind.ServerError, RetryClass.Live, 3, ProviderFailure.Unavailable },
        { FaultKind.ServerError, RetryClass.Standard, 3, ProviderFailure.Unavailable },
        { FaultKind.ServerError, RetryClass.Batch, 3, ProviderFailure.Unavailable },
        { FaultKind.Unavailable, RetryClass.Standard, 3, ProviderFailure.Unavailable },
        { FaultKind.Disconnect, RetryClass.Standard, 3, ProviderFailure.Unavailable },

        // answers: once more
        { FaultKind.MalformedJson, RetryClass.Standard, 2, ProviderFailure.InvalidAnswer },
        { FaultKind.TruncatedJson, RetryClass.Standard, 2, ProviderFailure.InvalidAnswer },
        { FaultKind.EmptyAnswer, RetryClass.Standard, 2, ProviderFailure.InvalidAnswer },

        // configuration and quota: never
        { FaultKind.Quota, RetryClass.Standard, 1, ProviderFailure.QuotaExhausted },
        { FaultKind.Quota, RetryClass.Batch, 1, ProviderFailure.QuotaExhausted },
        { FaultKind.Unauthorized, RetryClass.Standard, 1, ProviderFailure.Rejected },
        { FaultKind.BadRequest, RetryClass.Standard, 1, ProviderFailure.Rejected },
    };

    [Theory]
    [MemberData(nameof(Persistent))]
    public async Task A_lasting_fault_is_tried_as_often_as_its_class_allows_and_then_named(FaultKind fault, RetryClass retries, int attempts, ProviderFailure failure)
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.Server.Faults.Set(new Fault { Kind = fault });
        var error = await bench.TryAskAsync(ProviderBench.Context(retries), Schema);
        Assert.Equal(failure, error?.Failure);
        Assert.Equal(attempts, bench.Server.Requests.Count);
        var call = Assert.Single(bench.Calls);
        Assert.Equal((attempts, (ProviderFailure?)failure), (call.Attempts, call.Failure));
    }

    [Theory]
    [InlineData(FaultKind.RateLimit)]
    [InlineData(FaultKind.RateLimitWithoutTime)]
    [InlineData(FaultKind.ServerError)]
    [InlineData(FaultKind.Disconnect)]
    [InlineData(FaultKind.MalformedJson)]
    [InlineData(FaultKind.TruncatedJson)]
    public async Task A_passing_fault_is_survived(FaultKind fault)
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.Server.Faults.Set(new Fault { Kind = fault, Count = 1, RetryAfterSeconds = 2 });
        Assert.Null(await bench.TryAskAsync(schema: Schema));
        Assert.Equal(2, bench.Server.Requests.Count);
    }

    [Theory]
    [InlineData(RetryClass.Standard, 5)]
    [InlineData(RetryClass.Batch, 30)]
    public async Task Nothing_is_sent_before_Retry_After(RetryClass retries, int seconds)
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.Server.Faults.Set(new Fault { Kind = FaultKind.RateLimit, Count = 1, RetryAfterSeconds = seconds });
        Assert.Null(await bench.TryAskAsync(ProviderBench.Context(retries)));
        var requests = bench.Server.Requests;
        Assert.Equal(2, requests.Count);
        Assert.True(requests[1].At - requests[0].At >= TimeSpan.FromSeconds(seconds), $"{requests[1].At - requests[0].At}");
    }

    [Fact]
    public async Task A_Retry_After_beyond_the_longest_pause_is_told_at_once_and_binds_later_calls_too()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.Server.Faults.Set(new Fault { Kind = FaultKind.RateLimit, Count = 1, RetryAfterSeconds = 20 });
        Assert.Equal(TimeSpan.FromSeconds(20), (await bench.TryAskAsync())?.RetryAfter);
        Assert.Equal(ProviderFailure.RateLimited, (await bench.TryAskAsync())?.Failure);
        Assert.Single(bench.Server.Requests);

        // one that may wait 30 s does
        Assert.Null(await bench.TryAskAsync(ProviderBench.Context(priority: CallPriority.Low)));
        Assert.True(bench.Server.Requests[1].At - bench.Server.Requests[0].At >= TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Pauses_double_within_ten_per_cent()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.Server.Faults.Set(new Fault { Kind = FaultKind.RateLimitWithoutTime });
        await bench.TryAskAsync();
        var at = bench.Server.Requests.Select(r => r.At).ToList();
        int[] expected = [100, 200, 400];
        Assert.All(expected.Select((ms, i) => (ms, Paused: (at[i + 1] - at[i]).TotalMilliseconds)), p => Assert.InRange(p.Paused, p.ms * 0.9, p.ms * 1.1 + 1));
    }

    [Theory]
    [InlineData(FaultKind.Hang)]
    [InlineData(FaultKind.SlowStream)]
    public async Task An_answer_that_does_not_come_whole_in_time_is_a_time_out(FaultKind fault)
    {
        await using var bench = await ProviderBench.StartAsync(TimeProvider.System, o => o.ChatTimeout = TimeSpan.FromMilliseconds(300));
        bench.Server.Faults.Set(new Fault { Kind = fault });
        Assert.Equal(ProviderFailure.Unavailable, (await bench.TryAskAsync())?.Failure);
        Assert.InRange(bench.Server.Requests.Count, 1, 3);
        Assert.Equal(BreakerState.Open, bench.Set.Breaker(CallKind.Chat));
    }

    [Fact]
    public async Task A_live_call_ends_by_its_deadline_whatever_its_attempts_may_take()
    {
        await using var bench = await ProviderBench.StartAsync(TimeProvider.System, o => o.LiveDeadline = TimeSpan.FromMilliseconds(500));
        bench.Server.Faults.Set(new Fault { Kind = FaultKind.Hang });
        Assert.Equal(ProviderFailure.Unavailable, (await bench.TryAskAsync(ProviderBench.Context(RetryClass.Live)))?.Failure);
        Assert.Single(bench.Server.Requests);
        Assert.InRange(bench.Calls[0].Duration.TotalSeconds, 0.4, 30);
    }

    [Fact]
    public async Task An_open_breaker_makes_no_call_and_half_open_tries_again()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.Server.Faults.Set(new Fault { Kind = FaultKind.ServerError, Count = 3 });
        await bench.TryAskAsync();
        Assert.Equal(ProviderFailure.BreakerOpen, (await bench.TryAskAsync())?.Failure);
        Assert.Equal(3, bench.Server.Requests.Count);
        ((JumpingTime)bench.Time).Advance(TimeSpan.FromSeconds(60));
        Assert.Null(await bench.TryAskAsync());
        Assert.Equal(BreakerState.HalfOpen, bench.Set.Breaker(CallKind.Chat));
        Assert.Null(await bench.TryAskAsync());
        Assert.Equal(BreakerState.Closed, bench.Set.Breaker(CallKind.Chat));
    }

    [Fact]
    public async Task A_key_without_quota_is_set_aside_and_the_next_one_used()
    {
        await using var bench = await ProviderBench.StartAsync(o => o.Keys = new KeyPoolOptions { Keys = ["key-one", "key-two"] });
        var empty = RecordedRequest.Hash("key-one");
        bench.Server.Faults.Set(new Fault { Kind = FaultKind.Quota, KeyHash = empty, Count = 1 });
        for (var i = 0; i < 4; i++)
        {
            Assert.Null(await bench.TryAskAsync());
        }

        Assert.Single(bench.Server.Requests, r => r.KeyHash == empty);
        ((JumpingTime)bench.Time).Advance(TimeSpan.FromMinutes(10));
        await bench.TryAskAsync();
        await bench.TryAskAsync();
        Assert.Equal(2, bench.Server.Requests.Count(r => r.KeyHash == empty));
    }

    [Fact]
    public async Task A_cut_off_answer_is_paid_for()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.Server.Faults.Set(new Fault { Kind = FaultKind.TruncatedJson });
        await bench.TryAskAsync(schema: Schema);
        Assert.True(bench.Calls[0].Cost.CostUsd > 0);
        Assert.Equal(bench.Calls[0].Cost.CostUsd, await bench.Ledger.SpentAsync("session/s1", TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_mix_of_faults_ends_every_call_answered_or_named()
    {
        await using var bench = await ProviderBench.StartAsync(o => o.Budgets.SessionUsd = 100);
        bench.Server.Faults.Set(
            new Fault { Kind = FaultKind.RateLimit, Probability = 0.1, RetryAfterSeconds = 1 }, new Fault { Kind = FaultKind.ServerError, Probability = 0.2 },
            new Fault { Kind = FaultKind.MalformedJson, Probability = 0.1 }, new Fault { Kind = FaultKind.Disconnect, Probability = 0.05 });
        var ended = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => bench.TryAskAsync(schema: Schema)));
        Assert.Equal(100, bench.Calls.Count);
        Assert.Equal(ended.Count(e => e is null), bench.Calls.Count(c => c.Failure is null));
        Assert.True(bench.Server.Requests.Count <= 400);
        Assert.All(bench.Calls, c => Assert.InRange(c.Attempts, 0, 4));
    }
}
