namespace StreamPlatform.Streams;

/// <summary>One request of a batcher and the answer its caller awaits. Continuations run elsewhere, so it may be completed under a lock.</summary>
internal sealed class BatchRequest<TRequest, TResult>(TRequest value, BatchPriority priority, TimeSpan arrived)
{
    private readonly TaskCompletionSource<TResult> result = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TRequest Value { get; } = value;
    public BatchPriority Priority { get; } = priority;
    /// <summary>On the batcher's monotonic clock.</summary>
    public TimeSpan Arrived { get; } = arrived;
    /// <summary>Its place in the queue; null when it is not there.</summary>
    public LinkedListNode<BatchRequest<TRequest, TResult>>? Place { get; set; }
    /// <summary>The batch it runs in; null while it waits.</summary>
    public Batch<TRequest, TResult>? Batch { get; set; }
    public Task<TResult> Result => result.Task;

    public void Complete(TResult value) => result.TrySetResult(value);
    public void Fail(Exception problem) => result.TrySetException(problem);
    public void Cancel(CancellationToken token) => result.TrySetCanceled(token);
}

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
