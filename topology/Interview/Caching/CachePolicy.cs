namespace StreamPlatform.Topology.Caching;

/// <summary>One cache: its name, how long and how much it keeps.</summary>
/// <param name="Name">In metrics, keys of Redis and invalidations: lower-case letters and '-'.</param>
/// <param name="Lifetime">Of an entry from its making on, wherever it is kept; shortened at random by up to a tenth, so that what was made together does not end together.</param>
/// <param name="MaxEntries">Kept in this process.</param>
/// <param name="MaxBytes">Kept in this process, as serialised.</param>
public sealed record CachePolicy(string Name, TimeSpan Lifetime, int MaxEntries, long MaxBytes)
{
    /// <summary>Results and reports of finished interviews, their emotion windows among them: cache-aside, an hour.</summary>
    public static CachePolicy Results { get; } = new("results", TimeSpan.FromHours(1), 2_000, 64L << 20);

    /// <summary>Reports as documents: cache-aside, an hour.</summary>
    public static CachePolicy Reports { get; } = new("reports", TimeSpan.FromHours(1), 2_000, 32L << 20);

    /// <summary>Results of resumes: write-through, 7 days in Redis; in the process an hour.</summary>
    public static CachePolicy Resumes { get; } = new("resumes", TimeSpan.FromDays(7), 10_000, 64L << 20);

    /// <summary>Values made at once in this process; a further one is made past the cache or refused.</summary>
    public int MaxMaking { get; init; } = 256;

    /// <summary>Longer than a making is expected to take: another instance's crash delays a value by no more.</summary>
    public TimeSpan LockLife { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long another instance's making is waited for before this one makes the value, too; at most <see cref="LockLife"/>.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Bounds in this process.</summary>
    public SharedCacheLimits Limits => new(MaxEntries, MaxBytes, MaxMaking);
}
