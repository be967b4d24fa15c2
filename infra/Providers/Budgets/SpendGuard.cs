using System.Globalization;

namespace StreamPlatform.Providers;

/// <summary>Takes the estimated cost from the budgets before a call and settles the true cost after it .</summary>
internal sealed class SpendGuard(BudgetOptions options, ISpendLedger ledger, TimeProvider time)
{
    /// <exception cref="ProviderException">BudgetExhausted: says which budget.</exception>
    public async ValueTask<Reservation> ReserveAsync(CallContext context, decimal estimateUsd, CancellationToken ct)
    {
        var reservation = new Reservation(ledger, Accounts(context));
        await reservation.CoverAsync(estimateUsd, ct);
        return reservation;
    }

    private List<SpendLimit> Accounts(CallContext context)
    {
        var month = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM", CultureInfo.InvariantCulture);
        List<SpendLimit> accounts =
        [
            new($"tenant/{context.Tenant}/{month}", options.TenantsMonthUsd.GetValueOrDefault(context.Tenant, options.TenantMonthUsd)),
            new($"month/{month}", options.MonthUsd),
        ];
        if (context.SessionId.Length > 0)
        {
            accounts.Insert(0, new($"session/{context.SessionId}", options.SessionUsd));
        }

        return accounts;
    }

    /// <summary>An amount taken, until it is settled. Used by one call.</summary>
    internal sealed class Reservation(ISpendLedger ledger, IReadOnlyList<SpendLimit> accounts)
    {
        private decimal taken;

        /// <summary>Takes what is missing to the amount.</summary>
        /// <exception cref="ProviderException">BudgetExhausted: says which budget. Unavailable: the ledger failed; what cannot be counted is not spent.</exception>
        public async ValueTask CoverAsync(decimal usd, CancellationToken ct)
        {
            if (usd <= taken && taken > 0)
            {
                return;
            }

            SpendLimit? passed;
            try
            {
                passed = await ledger.TryTakeAsync(accounts, usd - taken, ct);
            }
            catch (Exception e) when (e is not (OperationCanceledException or ProviderException) || e is OperationCanceledException && !ct.IsCancellationRequested)
            {
                throw new ProviderException(ProviderFailure.Unavailable, "the ledger of budgets fails", null, e);
            }

            if (passed is not null)
            {
                throw new ProviderException(
                    ProviderFailure.BudgetExhausted,
                    string.Create(CultureInfo.InvariantCulture, $"the budget of the {passed.Account[..passed.Account.IndexOf('/')]} ({passed.LimitUsd:0.######} USD) does not allow another {usd - taken:0.######} USD"));
            }

            taken = usd;
        }

        /// <summary>Puts the true cost in the estimate's place; not cancelled, since the money is spent. False: the ledger failed and keeps the estimate.</summary>
        public async ValueTask<bool> SettleAsync(decimal usd)
        {
            if (usd == taken)
            {
                return true;
            }

            try
            {
                await ledger.CorrectAsync(accounts, usd - taken, CancellationToken.None);
                return true;
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                return false; // the estimate stays: never too little
            }
        }
    }
}
