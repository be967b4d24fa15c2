namespace StreamPlatform.Providers;

/// <summary>Uses of keys that no ledger knows yet: one count per key, also of keys that are in force no more. Guarded by the pool's lock.</summary>
internal sealed class PendingKeyUses
{
    // a ledger that is away for long, while the key file is replaced again and again
    private const int MaxKeys = 1_000;

    private Dictionary<string, KeyUses> counts = [];

    /// <summary>Of a key beyond the bound nothing is counted.</summary>
    public void Add(string keyHash, long times, DateTimeOffset last)
    {
        if (counts.TryGetValue(keyHash, out var known))
        {
            counts[keyHash] = new(keyHash, known.Times + times, last > known.Last ? last : known.Last);
        }
        else if (counts.Count < MaxKeys)
        {
            counts[keyHash] = new(keyHash, times, last);
        }
    }

    /// <summary>All of them; none are pending from then on.</summary>
    public IReadOnlyCollection<KeyUses> Take()
    {
        var taken = counts.Values;
        counts = [];
        return taken;
    }
}
