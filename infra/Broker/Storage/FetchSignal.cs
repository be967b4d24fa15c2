namespace StreamPlatform.Broker.Storage;

/// <summary>Wakes one long-polling fetch when any of its partitions has new readable records.</summary>
internal sealed class FetchSignal
{
    private volatile TaskCompletionSource _source = NewSource();

    public Task Task => _source.Task;

    public void Set() => _source.TrySetResult();

    /// <summary>Call before looking at the partitions, so that no signal is missed.</summary>
    public void Reset()
    {
        if (_source.Task.IsCompleted)
        {
            _source = NewSource();
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
