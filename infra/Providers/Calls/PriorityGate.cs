namespace StreamPlatform.Providers;

/// <summary>
/// A bounded number of calls at the same time; those that wait go by priority, then by arrival. When too many wait, the least urgent and latest is refused.
/// Safe for concurrent use.
/// </summary>
internal sealed class PriorityGate(int slots, int maxWaiting, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly LinkedList<Waiter>[] waiting = [new(), new(), new(), new()];
    private int running;
    private int waiters;

    /// <summary>R-23.</summary>
    public static TimeSpan LongestWait(CallPriority priority) => priority switch
    {
        CallPriority.Critical => TimeSpan.FromMilliseconds(100),
        CallPriority.High => TimeSpan.FromMilliseconds(500),
        CallPriority.Medium => TimeSpan.FromSeconds(5),
        _ => TimeSpan.FromSeconds(30),
    };

    public int Waiting => Volatile.Read(ref waiters);

    public int Running => Volatile.Read(ref running);

    /// <summary>A slot, to be disposed; null when there is none within the time.</summary>
    public async ValueTask<IDisposable?> EnterAsync(CallPriority priority, TimeSpan longest, CancellationToken ct)
    {
        Waiter waiter;
        LinkedListNode<Waiter> node;
        lock (gate)
        {
            if (running < slots)
            {
                running++;
                return new Slot(this);
            }

            if (longest <= TimeSpan.Zero || waiters >= maxWaiting && !Displace(priority))
            {
                return null;
            }

            waiter = new Waiter();
            node = waiting[(int)priority].AddLast(waiter);
            waiters++;
        }

        try
        {
            return await waiter.Task.WaitAsync(longest, time, ct);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            lock (gate)
            {
                if (!waiter.Task.IsCompleted)
                {
                    waiting[(int)priority].Remove(node);
                    waiters--;
                    waiter.SetResult(null);
                }
            }

            // the slot may have come at the same moment
            var slot = await waiter.Task;
            if (e is OperationCanceledException)
            {
                slot?.Dispose();
                throw;
            }

            return slot;
        }
    }

    private bool Displace(CallPriority priority)
    {
        for (var lower = waiting.Length - 1; lower > (int)priority; lower--)
        {
            if (waiting[lower].Last is { } last)
            {
                waiting[lower].RemoveLast();
                waiters--;
                last.Value.SetResult(null);
                return true;
            }
        }

        return false;
    }

    private void Release()
    {
        lock (gate)
        {
            foreach (var queue in waiting)
            {
                if (queue.First is { } first)
                {
                    queue.RemoveFirst();
                    waiters--;
                    first.Value.SetResult(new Slot(this));
                    return;
                }
            }

            running--;
        }
    }

    private sealed class Waiter() : TaskCompletionSource<IDisposable?>(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Slot(PriorityGate gate) : IDisposable
    {
        private int released;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref released, 1) == 0)
            {
                gate.Release();
            }
        }
    }
}
