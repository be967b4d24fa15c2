using StreamPlatform.Topology.Caching;

namespace StreamPlatform.Caching;

/// <summary>One cache: its name, how long and how much it keeps.</summary>
/// <param name="Name">In metrics, keys of Redis and invalidations: lower-case letters and '-'.</param>
/// <param name="Lifetime">Of an entry, shortened at random by up to a tenth, so that what was made together does not end together.</param>
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

    /// <summary>Bounds in this process.</summary>
    public SharedCacheLimits Limits => new(MaxEntries, MaxBytes, MaxMaking: 256);
}
