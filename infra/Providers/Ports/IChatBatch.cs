namespace StreamPlatform.Providers;

/// <summary>
/// Batch mode: requests that nobody waits for. They go with the lowest priority and the patient retries (R-22 batch, R-23 low), a bounded number at a time,
/// and come back in order of completion. Every request that was added ends in a result.
/// </summary>
public interface IChatBatch : IAsyncDisposable
{
    /// <summary>Queues a request; waits while the queue is full.</summary>
    /// <exception cref="InvalidOperationException">After <see cref="Complete"/>.</exception>
    ValueTask AddAsync(BatchRequest request, CancellationToken cancellationToken);

    /// <summary>No more will come: the results end after those queued.</summary>
    void Complete();

    /// <summary>Results in order of completion, for one reader. While it does not read, at most the queue's length of them waits and no more calls are made.</summary>
    IAsyncEnumerable<BatchResult> ResultsAsync(CancellationToken cancellationToken);
}

/// <param name="Id">The caller's, given back.</param>
/// <param name="SessionId">Empty for work outside of interviews.</param>
/// <param name="Task">As in <see cref="CallContext"/>.</param>
public sealed record BatchRequest(string Id, ChatRequest Request, string Tenant, string SessionId, string Task);

/// <param name="Answer">Null = <paramref name="Failure"/> says why.</param>
public sealed record BatchResult(string Id, ChatAnswer? Answer, ProviderFailure? Failure);
