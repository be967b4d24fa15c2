using StreamPlatform.Topology.Caching;

namespace StreamPlatform.Caching;

/// <summary>Without Redis each instance caches for itself.</summary>
public sealed class NoTier : ICacheTier
{
    private static readonly Task<IAsyncDisposable?> Free = Task.FromResult<IAsyncDisposable?>(new Nothing());

    public Task<byte[]?> GetAsync(string key, CancellationToken cancellationToken) => Task.FromResult<byte[]?>(null);

    public Task SetAsync(string key, byte[] value, TimeSpan lifetime, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task RemoveAsync(string key, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<IAsyncDisposable?> TryLockAsync(string key, TimeSpan lifetime, CancellationToken cancellationToken) => Free;

    /// <summary>A lock of nothing.</summary>
    internal sealed class Nothing : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
