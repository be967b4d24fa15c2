namespace StreamPlatform.Streams;

/// <summary>Requests that run together.</summary>
internal sealed class Batch<TRequest, TResult>(List<BatchRequest<TRequest, TResult>> requests, bool reserved, TimeSpan left)
{
    private readonly CancellationTokenSource abandoned = new();
    private int waiting = requests.Count;

    public IReadOnlyList<BatchRequest<TRequest, TResult>> Requests => requests;
    /// <summary>It took a slot that is reserved for critical requests.</summary>
    public bool Reserved => reserved;
    /// <summary>When it left the queue, on the batcher's monotonic clock.</summary>
    public TimeSpan Left { get; } = left;
    /// <summary>Cancelled when no caller waits any more.</summary>
    public CancellationToken Abandoned => abandoned.Token;

    /// <summary>True for the last caller: then <see cref="Abandon"/> is due.</summary>
    public bool CallerLeaves() => --waiting == 0;
    public void Abandon() => abandoned.Cancel();
}
