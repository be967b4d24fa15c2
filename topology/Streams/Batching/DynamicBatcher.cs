namespace StreamPlatform.Streams;

/// <summary>
/// Gathers concurrent requests into batches, for asynchronous steps that call a model or a service which is cheaper by the dozen.
/// A batch leaves when <see cref="BatcherOptions.MaxBatchSize"/> requests wait, or when one of them has lingered, a critical one at once. It is filled
/// with critical requests first, then by deadline: arrival + longest wait of the priority. So a priority is served in the order of arrival,
/// an urgent request overtakes a patient one until that one's maximum is nearer, and only critical ones could starve others.
/// A running batch is never interrupted: what must meet a critical deadline keeps batches shorter than it, or has slots
/// <see cref="BatcherOptions.ReservedForCritical"/>.
/// </summary>
public sealed class DynamicBatcher<TRequest, TResult> : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly Func<IReadOnlyList<TRequest>, CancellationToken, Task<IReadOnlyList<TResult>>> run;
    private readonly BatcherOptions options;
    private readonly TimeProvider time;
    private readonly long origin;
    private readonly BatcherMetrics metrics;
    private readonly BatchQueue<TRequest, TResult> queue;
    private readonly ITimer timer;
    private readonly TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TimeSpan? armedFor;
    private int running;
    private int runningReserved;
    private bool stopping;

    /// <param name="name">The metrics' tag <c>batcher</c>.</param>
    /// <param name="run">
    /// Computes one result per request, in order. What it throws goes to every caller of the batch, so errors of one request belong into its result.
    /// Its token is cancelled when no caller waits any more; at most <see cref="BatcherOptions.MaxConcurrentBatches"/> calls run at once.
    /// </param>
    /// <exception cref="StreamsConfigurationException">An option is out of range.</exception>
    public DynamicBatcher(
        string name, BatcherOptions options, Func<IReadOnlyList<TRequest>, CancellationToken, Task<IReadOnlyList<TResult>>> run, TimeProvider? time = null)
    {
        options.Validate();
        this.options = options;
        this.run = run;
        this.time = time ?? TimeProvider.System;
        origin = this.time.GetTimestamp();
        queue = new BatchQueue<TRequest, TResult>(options);
        using (ExecutionContext.SuppressFlow()) timer = this.time.CreateTimer(_ => OnTimer(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        metrics = new BatcherMetrics(name, Queued);
    }

    /// <summary>With a synchronous function, which is called on the thread pool.</summary>
    /// <inheritdoc cref="DynamicBatcher(string, BatcherOptions, Func{IReadOnlyList{TRequest}, CancellationToken, Task{IReadOnlyList{TResult}}}, TimeProvider)"/>
    public DynamicBatcher(string name, BatcherOptions options, Func<IReadOnlyList<TRequest>, IReadOnlyList<TResult>> run, TimeProvider? time = null)
        : this(name, options, (requests, _) => Task.FromResult(run(requests)), time)
    {
    }

    /// <summary>Requests of a priority that wait.</summary>
    public int Queued(BatchPriority priority)
    {
        lock (gate) return queue.CountOf(priority);
    }

    /// <summary>
    /// Adds a request, before it returns, and waits for its result. A request that is cancelled while it waits leaves the queue at once; one whose
    /// batch is running ends with it, so that nobody frees what the batch still reads.
    /// </summary>
    /// <exception cref="TransientException">The queue was full and this was the newest request of the lowest priority: try again later.</exception>
    /// <exception cref="ObjectDisposedException">The batcher was disposed before the request ran.</exception>
    public async Task<TResult> RunAsync(TRequest request, BatchPriority priority, CancellationToken cancellationToken)
    {
        if (!Enum.IsDefined(priority)) throw new ArgumentOutOfRangeException(nameof(priority), priority, "no such priority");
        cancellationToken.ThrowIfCancellationRequested();
        var entry = Enqueue(request, priority);
        await using var registration = cancellationToken.Register(() => Leave(entry, cancellationToken)).ConfigureAwait(false);
        return await entry.Result.ConfigureAwait(false);
    }

    /// <summary>Fails what waits and returns when the running batches have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            stopping = true;
            foreach (var entry in queue.Take(int.MaxValue, criticalOnly: false)) entry.Fail(new ObjectDisposedException(nameof(DynamicBatcher<,>)));
            if (running == 0) idle.TrySetResult();
        }
        await timer.DisposeAsync().ConfigureAwait(false);
        metrics.Dispose();
        await idle.Task.ConfigureAwait(false);
    }

    private BatchRequest<TRequest, TResult> Enqueue(TRequest request, BatchPriority priority)
    {
        BatchRequest<TRequest, TResult>? refused = null;
        BatchRequest<TRequest, TResult> entry;
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(stopping, this);
            entry = new BatchRequest<TRequest, TResult>(request, priority, Now());
            queue.Add(entry);
            Dispatch();
            if (queue.Count > options.MaxQueued) refused = queue.TakeLeastUrgent();
        }
        if (refused is null) return entry;
        metrics.Refused(refused.Priority);
        refused.Fail(new TransientException($"{options.MaxQueued} requests wait for a batch ({nameof(BatcherOptions.MaxQueued)}) and this one was the least urgent"));
        return entry;
    }

    private void Leave(BatchRequest<TRequest, TResult> entry, CancellationToken token)
    {
        Batch<TRequest, TResult>? abandoned = null;
        lock (gate)
        {
            if (queue.Remove(entry)) entry.Cancel(token);
            else if (entry.Batch is { } batch && batch.CallerLeaves()) abandoned = batch;
        }
        abandoned?.Abandon();
    }

    private void OnTimer()
    {
        lock (gate)
        {
            armedFor = null;
            Dispatch();
        }
    }

    /// <summary>Starts every batch that may leave now and sets the timer for the next; under the lock.</summary>
    private void Dispatch()
    {
        if (stopping) return;
        TimeSpan? next = null;
        while (FreeSlot() is { } criticalOnly)
        {
            next = queue.LeavesAt(criticalOnly);
            if (next is null || (next > Now() && (criticalOnly ? queue.CountOf(BatchPriority.Critical) : queue.Count) < options.MaxBatchSize)) break;
            Start(queue.Take(options.MaxBatchSize, criticalOnly), criticalOnly);
            next = null;
        }
        Arm(next);
    }

    /// <summary>True = one reserved for critical requests, false = one for all, null = none.</summary>
    private bool? FreeSlot() =>
        running - runningReserved < options.MaxConcurrentBatches - options.ReservedForCritical ? false : runningReserved < options.ReservedForCritical ? true : null;

    private void Start(List<BatchRequest<TRequest, TResult>> requests, bool reserved)
    {
        var batch = new Batch<TRequest, TResult>(requests, reserved, Now());
        foreach (var entry in requests) entry.Batch = batch;
        running++;
        if (reserved) runningReserved++;
        ThreadPool.UnsafeQueueUserWorkItem(static started => _ = started.batcher.ExecuteAsync(started.batch), (batcher: this, batch), preferLocal: false);
    }

    private async Task ExecuteAsync(Batch<TRequest, TResult> batch)
    {
        IReadOnlyList<TResult> results = [];
        Exception? problem = null;
        try
        {
            results = await MeasuredAsync(batch).ConfigureAwait(false);
            if (results.Count != batch.Requests.Count) throw new InvalidOperationException($"a batch of {batch.Requests.Count} gave {results.Count} results");
        }
        catch (Exception e)
        {
            problem = e; // not swallowed: every caller of the batch receives it
        }
        lock (gate)
        {
            running--; // first: a caller that goes on finds the slot free
            if (batch.Reserved) runningReserved--;
            for (var i = 0; i < batch.Requests.Count; i++)
            {
                if (problem is null) batch.Requests[i].Complete(results[i]);
                else batch.Requests[i].Fail(problem);
            }
            Dispatch();
            if (stopping && running == 0) idle.TrySetResult();
        }
    }

    private async Task<IReadOnlyList<TResult>> MeasuredAsync(Batch<TRequest, TResult> batch)
    {
        foreach (var entry in batch.Requests) metrics.Waited(entry.Priority, batch.Left - entry.Arrived);
        try
        {
            return await run([.. batch.Requests.Select(entry => entry.Value)], batch.Abandoned).ConfigureAwait(false);
        }
        finally
        {
            metrics.Ran(batch.Requests.Count, Now() - batch.Left);
        }
    }

    /// <summary>Rounded up to whole milliseconds, the timers' unit: an early one would only be set again.</summary>
    private void Arm(TimeSpan? at)
    {
        if (at == armedFor) return;
        armedFor = at;
        timer.Change(at is { } due ? TimeSpan.FromMilliseconds(Math.Max(1, Math.Ceiling((due - Now()).TotalMilliseconds))) : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private TimeSpan Now() => time.GetElapsedTime(origin);
}
