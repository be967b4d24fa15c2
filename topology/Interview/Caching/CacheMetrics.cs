using System.Diagnostics.Metrics;

namespace StreamPlatform.Topology.Caching;

/// <summary>Hits, misses and evictions of every cache that has a name. The hit rate is kept + shared + remote over all requests.</summary>
public static class CacheMetrics
{
    private static readonly Meter Meter = new("StreamPlatform.Caching");
    private static readonly Counter<long> Requests = Meter.CreateCounter<long>("streamplatform.cache.requests", "{request}", "Requests by cache and outcome: kept, shared, remote (of another instance), made, refused");
    private static readonly Counter<long> Evictions = Meter.CreateCounter<long>("streamplatform.cache.evictions", "{entry}", "Entries that gave way to others, by cache");
    private static readonly Counter<long> Invalidations = Meter.CreateCounter<long>("streamplatform.cache.invalidations", "{entry}", "Entries dropped because what they hold has changed, by cache");
    private static readonly Counter<long> Failures = Meter.CreateCounter<long>("streamplatform.cache.failures", "{request}", "Requests to the shared cache that failed or were not tried because it is down");

    /// <summary>A request in this process.</summary>
    public static void Request(string cache, CacheUse use)
    {
        if (cache.Length > 0)
        {
            Requests.Add(1, Cache(cache), Outcome(use switch { CacheUse.Kept => "kept", CacheUse.Shared => "shared", CacheUse.Made => "made", CacheUse.Remote => "remote", _ => "refused" }));
        }
    }

    /// <summary>What a request came to that this process could not answer from its own memory.</summary>
    public static void Beyond(string cache, bool remote) => Requests.Add(1, Cache(cache), Outcome(remote ? "remote" : "made"));

    public static void Evicted(string cache)
    {
        if (cache.Length > 0)
        {
            Evictions.Add(1, Cache(cache));
        }
    }

    public static void Invalidated(string cache) => Invalidations.Add(1, Cache(cache));

    public static void Failed() => Failures.Add(1);

    private static KeyValuePair<string, object?> Cache(string cache) => new("cache", cache);

    private static KeyValuePair<string, object?> Outcome(string outcome) => new("outcome", outcome);
}
