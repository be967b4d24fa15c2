namespace StreamPlatform.Topology.Caching;

/// <summary>Without Redis each instance caches for itself.</summary>
public sealed class NoTier : ICacheTier
{
    private static readonly Task<IAsyncDisposable?> Given = Task.FromResult<IAsyncDisposable?>(new Free());

    public Task<byte[]?> GetAsync(string key, CancellationToken cancellationToken) => Task.FromResult<byte[]?>(null);

    public Task SetAsync(string key, byte[] value, TimeSpan lifetime, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task RemoveAsync(string key, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<IAsyncDisposable?> TryLockAsync(string key, TimeSpan lifetime, CancellationToken cancellationToken) => Given;

    /// <summary>A lock of nothing: every instance makes the value.</summary>
    public sealed class Free : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
