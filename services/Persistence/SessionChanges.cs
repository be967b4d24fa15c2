using StreamPlatform.Hosting;
using StreamPlatform.Caching;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Caching;

namespace StreamPlatform.Services;

/// <summary>Tells every instance which sessions' rows have changed, after they have: first the shared cache, then, by the topic, what each instance keeps.</summary>
public sealed class SessionChanges(IEventOutlet events, ICacheTier caches, TimeProvider time)
{
    /// <summary>What is done after each write that is stored.</summary>
    public void After(StoreWrite write)
    {
        if (write.Error is null)
        {
            Tell(write.Sessions);
        }
    }

    /// <summary>Hands the news over; the sink does not wait for it. What is lost of it, the caches' lifetimes mend.</summary>
    public void Tell(IEnumerable<string> sessionIds)
    {
        foreach (var id in sessionIds.Distinct(StringComparer.Ordinal).Where(id => id.Length > 0))
        {
            _ = TellAsync(id); // bounded by the producer's queue; its failures are logged there
        }
    }

    private async Task TellAsync(string sessionId)
    {
        await caches.RemoveAsync(CachedSession.RemoteResults(sessionId), CancellationToken.None);
        await caches.RemoveAsync(CachedSession.RemoteReport(sessionId), CancellationToken.None);
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        events.Send(
            Topics.CacheInvalidations, $"{CachedSession.Invalidation}/{sessionId}", "", $"{sessionId}/{now}", now, new CacheInvalidated { Cache = CachedSession.Invalidation, Key = sessionId, AtMs = now });
    }
}
