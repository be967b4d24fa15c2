namespace StreamPlatform.Providers;

/// <summary>
/// What was spent, by account. Every process of a deployment that shares one ledger shares its budgets; one that is durable survives restarts.
/// An amount is taken before the call and corrected after it: a process that dies between leaves the reserved amount, never too little.
/// </summary>
public interface ISpendLedger
{
    /// <summary>Adds the amount to all accounts, or, where one would pass its limit, to none.</summary>
    /// <param name="accounts">At most 4.</param>
    /// <param name="usd">0 or more.</param>
    /// <returns>The first account that would pass its limit; null = added.</returns>
    ValueTask<SpendLimit?> TryTakeAsync(IReadOnlyList<SpendLimit> accounts, decimal usd, CancellationToken cancellationToken);

    /// <summary>Adds to all accounts whatever their limits.</summary>
    /// <param name="usd">Negative gives back.</param>
    ValueTask CorrectAsync(IReadOnlyList<SpendLimit> accounts, decimal usd, CancellationToken cancellationToken);

    /// <summary>USD spent and reserved.</summary>
    ValueTask<decimal> SpentAsync(string account, CancellationToken cancellationToken);
}

/// <param name="Account">"session/ID", "tenant/NAME/2026-11" or "month/2026-11".</param>
/// <param name="LimitUsd">Most that may be spent on it.</param>
public sealed record SpendLimit(string Account, decimal LimitUsd);
