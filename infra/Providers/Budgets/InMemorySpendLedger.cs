namespace StreamPlatform.Providers;

/// <summary>A ledger that forgets with the process. Holds 200,000 accounts; then the session untouched longest is forgotten.</summary>
public sealed class InMemorySpendLedger : ISpendLedger
{
    private const int MaxAccounts = 200_000;

    private readonly Lock gate = new();
    private readonly Dictionary<string, LinkedListNode<(string Account, decimal Usd)>> accounts = [];
    private readonly LinkedList<(string Account, decimal Usd)> byUse = new();

    public ValueTask<SpendLimit?> TryTakeAsync(IReadOnlyList<SpendLimit> limits, decimal usd, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (limits.FirstOrDefault(l => Spent(l.Account) + usd > l.LimitUsd) is { } passed)
            {
                return ValueTask.FromResult<SpendLimit?>(passed);
            }

            Add(limits, usd);
            return ValueTask.FromResult<SpendLimit?>(null);
        }
    }

    public ValueTask CorrectAsync(IReadOnlyList<SpendLimit> limits, decimal usd, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            Add(limits, usd);
        }

        return ValueTask.CompletedTask;
    }

    public ValueTask<decimal> SpentAsync(string account, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            return ValueTask.FromResult(Spent(account));
        }
    }

    private decimal Spent(string account) => accounts.TryGetValue(account, out var node) ? node.Value.Usd : 0;

    private void Add(IReadOnlyList<SpendLimit> limits, decimal usd)
    {
        foreach (var (account, _) in limits)
        {
            var spent = Math.Max(0, Spent(account) + usd);
            if (accounts.Remove(account, out var old))
            {
                byUse.Remove(old);
            }

            accounts[account] = byUse.AddLast((account, spent));
        }

        if (accounts.Count > MaxAccounts && Oldest() is { } oldest)
        {
            accounts.Remove(oldest.Value.Account);
            byUse.Remove(oldest);
        }
    }

    // months and tenants are few and are kept
    private LinkedListNode<(string Account, decimal Usd)>? Oldest()
    {
        var node = byUse.First;
        while (node is not null && !node.Value.Account.StartsWith("session/", StringComparison.Ordinal))
        {
            node = node.Next;
        }

        return node;
    }
}
