namespace StreamPlatform.Broker.Network;

/// <summary>A bound on bytes held at once; who wants more waits in line (first come, first served).</summary>
internal sealed class ByteBudget(long maxBytes)
{
    private readonly Lock _gate = new();
    private readonly Queue<(long Bytes, TaskCompletionSource Granted)> _waiting = new();
    private long _used;

    /// <summary>Waits until the bytes fit. Anything up to the whole budget is granted in the end; release it exactly once.</summary>
    public Task AcquireAsync(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, maxBytes);
        lock (_gate)
        {
            if (_waiting.Count == 0 && _used + bytes <= maxBytes)
            {
                _used += bytes;
                return Task.CompletedTask;
            }
            var granted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue((bytes, granted));
            return granted.Task;
        }
    }

    /// <summary>As <see cref="AcquireAsync(long)"/>; a wait that is given up gives back what it is granted later.</summary>
    public async Task AcquireAsync(long bytes, CancellationToken cancel)
    {
        var granted = AcquireAsync(bytes);
        try
        {
            await granted.WaitAsync(cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = granted.ContinueWith(_ => Release(bytes), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw;
        }
    }

    public void Release(long bytes)
    {
        lock (_gate)
        {
            _used -= bytes;
            while (_waiting.TryPeek(out var next) && _used + next.Bytes <= maxBytes)
            {
                _waiting.Dequeue();
                _used += next.Bytes;
                next.Granted.TrySetResult();
            }
        }
    }
}
