using System.Runtime.CompilerServices;

namespace StreamPlatform.Tests.Unit.Media;

/// <summary>Both stores behind one counter: the n-th call dies, before or after its effect, and so do all after it, as those of a killed process.</summary>
internal sealed class CrashingStores(IObjectStore objects, IMediaCatalog catalog, int dieAt, bool afterEffect) : IObjectStore, IMediaCatalog
{
    private int calls;

    /// <summary>The call to die at was reached.</summary>
    public bool Died => calls >= dieAt;

    public string Name => objects.Name;

    public Task<StoredObject> PutAsync(string prefix, Stream content, CancellationToken cancellationToken) => CallAsync(() => objects.PutAsync(prefix, content, cancellationToken));

    public Task<Stream?> OpenAsync(string key, CancellationToken cancellationToken) => CallAsync(() => objects.OpenAsync(key, cancellationToken));

    public Task<bool> DeleteAsync(string key, CancellationToken cancellationToken) => CallAsync(() => objects.DeleteAsync(key, cancellationToken));

    public async IAsyncEnumerable<StoredObject> ListAsync(string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var found in objects.ListAsync(prefix, cancellationToken))
        {
            yield return found;
        }
    }

    public Task<bool> AddAsync(MediaEntry entry, CancellationToken cancellationToken) => CallAsync(() => catalog.AddAsync(entry, cancellationToken));

    public Task<MediaEntry?> FindAsync(string key, CancellationToken cancellationToken) => CallAsync(() => catalog.FindAsync(key, cancellationToken));

    public Task<IReadOnlyList<MediaEntry>> OfSessionAsync(string sessionId, CancellationToken cancellationToken) => CallAsync(() => catalog.OfSessionAsync(sessionId, cancellationToken));

    public Task<int> MarkSessionAsync(string sessionId, CancellationToken cancellationToken) => CallAsync(() => catalog.MarkSessionAsync(sessionId, cancellationToken));

    public Task<IReadOnlyList<MediaEntry>> TakeDueAsync(long nowMs, int limit, CancellationToken cancellationToken) => CallAsync(() => catalog.TakeDueAsync(nowMs, limit, cancellationToken));

    public Task RemoveAsync(string key, CancellationToken cancellationToken) => CallAsync(() => catalog.RemoveAsync(key, cancellationToken));

    public Task<IReadOnlySet<string>> SeenAsync(IReadOnlyList<string> keys, long nowMs, CancellationToken cancellationToken) => CallAsync(() => catalog.SeenAsync(keys, nowMs, cancellationToken));

    public Task<IReadOnlyList<string>> UnseenAsync(long createdBeforeMs, long seenBeforeMs, int limit, CancellationToken cancellationToken) =>
        CallAsync(() => catalog.UnseenAsync(createdBeforeMs, seenBeforeMs, limit, cancellationToken));

    public Task MarkMissingAsync(string key, long nowMs, CancellationToken cancellationToken) => CallAsync(() => catalog.MarkMissingAsync(key, nowMs, cancellationToken));

    private Task CallAsync(Func<Task> call) => CallAsync(async () =>
    {
        await call();
        return 0;
    });

    private async Task<T> CallAsync<T>(Func<Task<T>> call)
    {
        var number = ++calls;
        if (number > dieAt || (number == dieAt && !afterEffect))
        {
            throw new KilledException();
        }

        var result = await call();
        return number < dieAt ? result : throw new KilledException();
    }
}

/// <summary>The process is no more.</summary>
internal sealed class KilledException : Exception;
