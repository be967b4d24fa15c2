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
