using StreamPlatform.Providers;
using StreamPlatform.TestProvider;

namespace StreamPlatform.Tests.Unit.Providers;

/// <summary>R-24: a budget stops spending, also under concurrency.</summary>
public sealed class BudgetTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_session_never_costs_more_than_its_budget_however_many_ask_at_once()
    {
        await using var bench = await ProviderBench.StartAsync(o => o.Budgets.SessionUsd = 0.001m);
        var ended = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => bench.TryAskAsync()));
        Assert.Contains(ended, e => e is null);
        Assert.All(ended.OfType<ProviderException>(), e => Assert.Equal(ProviderFailure.BudgetExhausted, e.Failure));
        Assert.Contains(ended, e => e?.Message.Contains("session", StringComparison.Ordinal) == true);
        var spent = await bench.Ledger.SpentAsync("session/s1", Ct);
        Assert.InRange(spent, 0.0000001m, 0.001m);
        Assert.Equal(bench.Calls.Sum(c => c.Cost.CostUsd), spent); // settled to what was charged

        // another session has its own
        Assert.Null(await bench.TryAskAsync(ProviderBench.Context(session: "s2")));
    }

    [Fact]
    public async Task Tenant_and_deployment_have_theirs_by_calendar_month()
    {
        var time = new JumpingTime(TimeSpan.FromSeconds(31));
        await using var bench = await ProviderBench.StartAsync(time, o => o.Budgets.TenantsMonthUsd = new Dictionary<string, decimal> { ["poor"] = 0 });
        var error = await bench.TryAskAsync(ProviderBench.Context(tenant: "poor"));
        Assert.Equal(ProviderFailure.BudgetExhausted, error?.Failure);
        Assert.Contains("tenant", error!.Message, StringComparison.Ordinal);
        Assert.Empty(bench.Server.Requests);
        Assert.Null(await bench.TryAskAsync());
        Assert.True(await bench.Ledger.SpentAsync("month/2026-03", Ct) > 0);
        time.Advance(TimeSpan.FromDays(31));
        Assert.Null(await bench.TryAskAsync());
        Assert.True(await bench.Ledger.SpentAsync("tenant/acme/2026-04", Ct) > 0);
    }

    [Fact]
    public async Task What_failed_for_free_gives_its_reservation_back()
    {
        await using var bench = await ProviderBench.StartAsync();
        bench.Server.Faults.Set(new Fault { Kind = FaultKind.ServerError });
        await bench.TryAskAsync();
        Assert.Equal(0, await bench.Ledger.SpentAsync("session/s1", Ct));
    }

    [Fact]
    public async Task A_ledger_that_fails_stops_spending()
    {
        var guard = new SpendGuard(new BudgetOptions(), new BrokenLedger(), TimeProvider.System);
        var error = await Assert.ThrowsAsync<ProviderException>(async () => await guard.ReserveAsync(ProviderBench.Context(), 0.01m, Ct));
        Assert.Equal(ProviderFailure.Unavailable, error.Failure);
    }

    [Fact]
    public async Task An_amount_is_taken_from_all_accounts_or_from_none()
    {
        var ledger = new InMemorySpendLedger();
        SpendLimit[] accounts = [new("session/a", 10), new("month/x", 1)];
        Assert.Equal("month/x", (await ledger.TryTakeAsync(accounts, 2, Ct))?.Account);
        Assert.Equal(0, await ledger.SpentAsync("session/a", Ct));
        Assert.Null(await ledger.TryTakeAsync(accounts, 1, Ct));
        await ledger.CorrectAsync(accounts, -0.25m, Ct);
        Assert.Equal((0.75m, 0.75m), (await ledger.SpentAsync("session/a", Ct), await ledger.SpentAsync("month/x", Ct)));
    }

    [Theory]
    [InlineData("gpt-4o", 2.50)]
    [InlineData("gpt-4o-2024-11-20", 2.50)]
    [InlineData("gpt-4o-mini-2024-07-18", 0.15)]
    [InlineData("gpt-4o-latest", 2.50)]
    public void A_model_has_the_price_of_its_name_also_with_a_date_behind_it(string model, double input)
    {
        var prices = PriceTable.Load("");
        Assert.Equal(((decimal)input, false), (prices[model].InputPerMillionTokens, prices.IsAssumed(model)));
    }

    [Theory]
    [InlineData("some-other-model")]
    [InlineData("gpt-5.5")] // a dearer relative of gpt-5
    [InlineData("gpt-4o-mini-realtime")]
    [InlineData("*")]
    public void An_unknown_model_is_charged_as_a_dear_one(string model)
    {
        var prices = PriceTable.Load("");
        Assert.True(prices.IsAssumed(model));
        Assert.All(
            new[] { "gpt-4o", "gpt-4.1", "gpt-5", "o4-mini", "gpt-4o-mini" },
            known => Assert.True(prices[model].InputPerMillionTokens > prices[known].InputPerMillionTokens && prices[model].OutputPerMillionTokens > prices[known].OutputPerMillionTokens));
        Assert.True(prices[model].PerAudioMinute >= prices["whisper-1"].PerAudioMinute && prices[model].PerMillionCharacters >= prices["tts-1-hd"].PerMillionCharacters);
    }

    [Fact]
    public async Task A_call_to_an_unknown_model_says_that_its_price_is_assumed()
    {
        await using var bench = await ProviderBench.StartAsync(o => (o.CheapModel, o.Budgets.SessionUsd) = ("home-made", 10));
        await bench.AskAsync();
        Assert.True(bench.Calls.Single() is { PriceAssumed: true, Cost.CostUsd: > 0 });
        await using var known = await ProviderBench.StartAsync();
        await known.AskAsync();
        Assert.False(known.Calls.Single().PriceAssumed);
    }

    [Fact]
    public void A_price_file_comes_before_the_built_in_prices_and_mistakes_in_it_are_named()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, """{"gpt-4o": {"inputPerMillionTokens": 1}, "local-model": {}}""");
            var prices = PriceTable.Load(file);
            Assert.Equal((1m, 0m, 0.15m), (prices["gpt-4o"].InputPerMillionTokens, prices["local-model"].Tokens(1000, 1000), prices["gpt-4o-mini"].InputPerMillionTokens));
            File.WriteAllText(file, """{"gpt-4o": {"perToken": 1}}""");
            Assert.Contains(file, Assert.Throws<ArgumentException>(() => PriceTable.Load(file)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private sealed class BrokenLedger : ISpendLedger
    {
        public ValueTask<SpendLimit?> TryTakeAsync(IReadOnlyList<SpendLimit> accounts, decimal usd, CancellationToken cancellationToken) => throw new IOException("down");

        public ValueTask CorrectAsync(IReadOnlyList<SpendLimit> accounts, decimal usd, CancellationToken cancellationToken) => throw new IOException("down");

        public ValueTask<decimal> SpentAsync(string account, CancellationToken cancellationToken) => throw new IOException("down");
    }
}
