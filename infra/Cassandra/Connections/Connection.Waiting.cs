namespace Cassandra.Protocol;

/// <summary>Back-pressure: requests that find no stream id or a full write buffer wait in order, bounded in number and by their own timeout.</summary>
internal sealed partial class Connection
{
    private sealed class Waiter(long deadline, TimeSpan timeout)
    {
        public long Deadline { get; } = deadline;

        public TimeSpan Timeout { get; } = timeout;

        public TaskCompletionSource Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Woken, and counted on to take its turn; under the lock.</summary>
        public bool Woken { get; set; }
    }

    private Waiter AddWaiter(long deadline, TimeSpan timeout)
    {
        if (!_open)
        {
            throw new ConnectionClosedException(_endPoint, requestSent: false, _cause);
        }
        if (_waiters.Count >= _options.MaxWaiting)
        {
            throw new BusyPoolException(_endPoint, MaxInFlight, _waiters.Count);
        }
        Waiter waiter = new(deadline, timeout);
        _waiters.AddLast(waiter);
        return waiter;
    }

    private async ValueTask<Response> SendLaterAsync(Waiter waiter, Request request, long deadline, TimeSpan timeout, CancellationToken ct)
    {
        PendingRequest sent;
        ValueTask<Response> answer;
        bool wake;
        try
        {
            await waiter.Turn.Task.WaitAsync(ct).ConfigureAwait(false);
            lock (_gate)
            {
                _waiters.Remove(waiter);
                sent = Enqueue(request, deadline, timeout, out answer, out wake);
                WakeWaiters();
            }
        }
        catch
        {
            lock (_gate)
            {
                _waiters.Remove(waiter);
                WakeWaiters();
            }
            throw;
        }
        sent.Watch(ct);
        if (wake)
        {
            _writerWake.Set();
        }
        return await answer.ConfigureAwait(false);
    }

    /// <summary>Under the lock. Wakes the first; it wakes the next when it has taken its id, so that none is woken in vain. A closed connection wakes all.</summary>
    private void WakeWaiters()
    {
        if (!_open)
        {
            foreach (Waiter waiter in _waiters)
            {
                waiter.Turn.TrySetResult();
            }
        }
        else if (_waiters.First is { Value: { Woken: false } first } && HasRoom)
        {
            first.Woken = true;
            first.Turn.TrySetResult();
        }
    }

    private void ExpireWaiters(long now)
    {
        lock (_gate)
        {
            foreach (Waiter waiter in _waiters)
            {
                if (!waiter.Woken && waiter.Deadline <= now)
                {
                    waiter.Turn.TrySetException(new OperationTimedOutException(_endPoint, waiter.Timeout));
                }
            }
        }
    }
}
