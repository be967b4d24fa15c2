namespace StreamPlatform.Topology.Caching;

/// <summary>
/// A cache that instances share. It may be down: then it has nothing, takes nothing, and says so at once; it never throws but for cancellation.
/// </summary>
public interface ICacheTier
{
    /// <summary>Null when it is not there.</summary>
    Task<byte[]?> GetAsync(string key, CancellationToken cancellationToken);

    Task SetAsync(string key, byte[] value, TimeSpan lifetime, CancellationToken cancellationToken);

    Task RemoveAsync(string key, CancellationToken cancellationToken);

    /// <summary>A lock that ends by itself; null when another instance holds it. A tier that is down gives it: then every instance makes the value itself.</summary>
    Task<IAsyncDisposable?> TryLockAsync(string key, TimeSpan lifetime, CancellationToken cancellationToken);
}
