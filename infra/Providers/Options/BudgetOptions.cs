namespace StreamPlatform.Providers;

/// <summary>Limits of spending, USD. What would pass one is not called.</summary>
public sealed class BudgetOptions
{
    /// <summary>One interview. Default 0.10, 0..1,000,000; 0 = nothing may be spent.</summary>
    public decimal SessionUsd { get; set; } = 0.10m;

    /// <summary>One tenant in one calendar month (UTC). Default 500, 0..1,000,000.</summary>
    public decimal TenantMonthUsd { get; set; } = 500m;

    /// <summary>Tenants with a limit of their own, by name. At most 10,000.</summary>
    public IReadOnlyDictionary<string, decimal> TenantsMonthUsd { get; set; } = new Dictionary<string, decimal>();

    /// <summary>The whole deployment in one calendar month (UTC). Default 2,000, 0..1,000,000.</summary>
    public decimal MonthUsd { get; set; } = 2_000m;

    /// <summary>
    /// Bytes of UTF-8 that count as one token when cost is reserved before a call; the true cost is settled after it. A token has at least one byte:
    /// with 1 no budget is ever passed, with more the calls under way may pass it by their error. English has about 4. Default 2, 1..8.
    /// </summary>
    public int BytesPerTokenReserved { get; set; } = 2;

    /// <exception cref="ArgumentException">Names the property and what it accepts.</exception>
    public void Validate()
    {
        foreach (var (name, usd) in TenantsMonthUsd.Select(t => ($"TenantsMonthUsd[{t.Key}]", t.Value))
            .Concat([(nameof(SessionUsd), SessionUsd), (nameof(TenantMonthUsd), TenantMonthUsd), (nameof(MonthUsd), MonthUsd)]))
        {
            ProviderOptions.Require(usd is >= 0 and <= 1_000_000, $"Budgets.{name} is {usd}; it takes 0 to 1000000 USD");
        }

        ProviderOptions.Require(TenantsMonthUsd.Count <= 10_000, $"Budgets.TenantsMonthUsd holds {TenantsMonthUsd.Count}; it takes at most 10000");
        ProviderOptions.Require(BytesPerTokenReserved is >= 1 and <= 8, $"Budgets.BytesPerTokenReserved is {BytesPerTokenReserved}; it takes 1 to 8");
    }
}
