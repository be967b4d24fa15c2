namespace StreamPlatform.Streams;

/// <summary>Something that ended on another thread and is handled by the owner loop.</summary>
internal interface ICompletion
{
    void Complete(Kernel kernel);
}

/// <summary>One call of an asynchronous step for one value. Runs on the thread pool, ends on the owner loop.</summary>
internal abstract class AsyncCall(Node node, WorkItem item) : ICompletion
{
    private Exception? error;

    public Node Node { get; } = node;
    public WorkItem Item { get; } = item;
    /// <summary>The item's generation at the start: a call of a discarded generation is ignored.</summary>
    public int Generation { get; } = item.Generation;
    public int Attempts { get; private set; }
    public bool Done { get; set; }
    public abstract int? MaxAttempts { get; }
    protected abstract int TimeoutMs { get; }

    protected abstract Task Invoke(CancellationToken cancel);

    /// <summary>Forwards the result; on the owner loop.</summary>
    public abstract void Continue();

    public void Start(Kernel kernel)
    {
        Attempts++;
        error = null;
        kernel.Scheduling.RunAsync(() => Run(kernel));
    }

    private async Task Run(Kernel kernel)
    {
        if (Item.Activity is { } activity) System.Diagnostics.Activity.Current = activity;
        try
        {
            await using var limit = new CallLimit(kernel, TimeoutMs);
            try { await Invoke(limit.Token).ConfigureAwait(false); }
            catch (OperationCanceledException e) when (limit.TimedOut)
            {
                throw new TimeoutException($"step '{Node.Name}' took longer than {TimeoutMs} ms", e);
            }
        }
        catch (Exception e)
        {
            error = e; // classified on the owner loop
        }
        kernel.Completed(this);
    }

    public void Complete(Kernel kernel)
    {
        kernel.LeaveGate(Node);
        if (Item.Generation != Generation || Item.Task.Released) return;
        if (error is null) { Item.CallDone(this); return; }
        if (error is OperationCanceledException && kernel.Stopping.IsCancellationRequested) return;
        Item.CallFailed(this, error);
    }
}
