using System.Threading.Channels;

namespace StreamPlatform.Inference.Batching;

/// <summary>
/// Gathers concurrent requests into batches of up to <c>maxBatchSize</c>, waiting at most <c>linger</c> after the first for more, and runs one
/// batch at a time. The queue is bounded; callers wait for room.
/// </summary>
public sealed class DynamicBatcher<TRequest, TResult> : IAsyncDisposable
{
    private readonly Channel<Entry> _queue;
    private readonly Func<IReadOnlyList<TRequest>, IReadOnlyList<TResult>> _run;
    private readonly int _maxBatchSize;
    private readonly TimeSpan _linger;
    private readonly TimeProvider _time;
    private readonly Task _worker;
    private volatile bool _stopping;

    /// <param name="run">Computes one result per request, in order; never called concurrently. What it throws goes to every caller of the batch.</param>
    /// <param name="queueCapacity">Requests waiting at most.</param>
    public DynamicBatcher(
        Func<IReadOnlyList<TRequest>, IReadOnlyList<TResult>> run, int maxBatchSize, TimeSpan linger, int queueCapacity, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBatchSize, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(queueCapacity, 1);
        (_run, _maxBatchSize, _linger, _time) = (run, maxBatchSize, linger, time);
        _queue = Channel.CreateBounded<Entry>(queueCapacity);
        _worker = Task.Run(WorkAsync);
    }

    /// <summary>
    /// Adds a request and waits for its result. A request that is cancelled while it waits leaves the queue at once; one whose batch is running
    /// finishes with it, so that nobody frees what the batch still reads.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The batcher was disposed before the request ran.</exception>
    public async Task<TResult> RunAsync(TRequest request, CancellationToken cancellationToken)
    {
        var entry = new Entry(request);
        try
        {
            await _queue.Writer.WriteAsync(entry, cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(DynamicBatcher<,>));
        }

        await using var registration = cancellationToken.Register(() => entry.TryCancel(cancellationToken)).ConfigureAwait(false);
        return await entry.Result.ConfigureAwait(false);
    }

    /// <summary>Finishes the running batch and fails what waits.</summary>
    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        _queue.Writer.TryComplete();
        await _worker.ConfigureAwait(false);
    }

    private async Task WorkAsync()
    {
        var batch = new List<Entry>(_maxBatchSize);
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            await GatherAsync(batch).ConfigureAwait(false);
            if (_stopping)
                batch.ForEach(entry => entry.Fail(new ObjectDisposedException(nameof(DynamicBatcher<,>))));
            else if (batch.Count > 0)
                Run(batch);
            batch.Clear();
        }
    }

    private async Task GatherAsync(List<Entry> batch)
    {
        Task? deadline = null;
        while (true)
        {
            while (batch.Count < _maxBatchSize && _queue.Reader.TryRead(out var entry))
            {
                if (entry.TryStart())
                    batch.Add(entry);
            }

            if (batch.Count == 0 || batch.Count == _maxBatchSize || _linger <= TimeSpan.Zero || _stopping)
                return;
            deadline ??= Task.Delay(_linger, _time);
            var more = _queue.Reader.WaitToReadAsync().AsTask();
            if (await Task.WhenAny(more, deadline).ConfigureAwait(false) == deadline || !await more.ConfigureAwait(false))
                return;
        }
    }

    private void Run(List<Entry> batch)
    {
        IReadOnlyList<TResult> results;
        try
        {
            results = _run(batch.ConvertAll(entry => entry.Request));
            if (results.Count != batch.Count)
                throw new InvalidOperationException($"a batch of {batch.Count} gave {results.Count} results");
        }
        catch (Exception problem)
        {
            // Not swallowed: every caller of the batch receives it.
            batch.ForEach(entry => entry.Fail(problem));
            return;
        }

        for (var i = 0; i < batch.Count; i++)
            batch[i].Complete(results[i]);
    }

    private sealed class Entry(TRequest request)
    {
        private const int Waiting = 0;
        private const int Started = 1;
        private const int Cancelled = 2;

        private readonly TaskCompletionSource<TResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _state = Waiting;

        public TRequest Request => request;

        public Task<TResult> Result => _result.Task;

        public bool TryStart() => Interlocked.CompareExchange(ref _state, Started, Waiting) == Waiting;

        public void TryCancel(CancellationToken cancellationToken)
        {
            if (Interlocked.CompareExchange(ref _state, Cancelled, Waiting) == Waiting)
                _result.TrySetCanceled(cancellationToken);
        }

        public void Complete(TResult result) => _result.TrySetResult(result);

        public void Fail(Exception problem) => _result.TrySetException(problem);
    }
}
