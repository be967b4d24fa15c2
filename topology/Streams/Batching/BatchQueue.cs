namespace StreamPlatform.Streams;

/// <summary>
/// What waits for a batch, in the order of service: critical requests first, the others by deadline (arrival + longest wait of the priority), the
/// more urgent priority where deadlines are equal. Within a priority that is the order of arrival, so each has a list of its own and only the
/// heads are compared. Not thread-safe.
/// </summary>
internal sealed class BatchQueue<TRequest, TResult>
{
    private const int Critical = (int)BatchPriority.Critical;
    private static readonly int Priorities = Enum.GetValues<BatchPriority>().Length;
    private readonly LinkedList<BatchRequest<TRequest, TResult>>[] lists = [.. Enumerable.Range(0, Priorities).Select(_ => new LinkedList<BatchRequest<TRequest, TResult>>())];
    private readonly TimeSpan[] maxWait;
    private readonly TimeSpan[] linger;

    public BatchQueue(BatcherOptions options)
    {
        maxWait = [.. Enum.GetValues<BatchPriority>().Select(options.MaxWait)];
        linger = [.. Enum.GetValues<BatchPriority>().Select(options.Linger)];
    }

    public int Count { get; private set; }

    public int CountOf(BatchPriority priority) => lists[(int)priority].Count;

    public void Add(BatchRequest<TRequest, TResult> request)
    {
        request.Place = lists[(int)request.Priority].AddLast(request);
        Count++;
    }

    /// <summary>False if it is not there any more.</summary>
    public bool Remove(BatchRequest<TRequest, TResult> request)
    {
        if (request.Place is not { } place) return false;
        lists[(int)request.Priority].Remove(place);
        request.Place = null;
        Count--;
        return true;
    }

    /// <summary>The next ones in the order of service, at most <paramref name="max"/>.</summary>
    public List<BatchRequest<TRequest, TResult>> Take(int max, bool criticalOnly)
    {
        List<BatchRequest<TRequest, TResult>> taken = [];
        while (taken.Count < max && Next(criticalOnly) is { } next)
        {
            Remove(next);
            taken.Add(next);
        }
        return taken;
    }

    /// <summary>Takes the newest request of the lowest priority that waits.</summary>
    public BatchRequest<TRequest, TResult> TakeLeastUrgent()
    {
        var least = lists.Last(list => list.Count > 0).Last!.Value;
        Remove(least);
        return least;
    }

    /// <summary>When the first of the waiting ones has lingered long enough; null if nobody waits.</summary>
    public TimeSpan? LeavesAt(bool criticalOnly)
    {
        TimeSpan? earliest = null;
        for (var i = 0; i < (criticalOnly ? 1 : Priorities); i++)
            if (lists[i].First is { } head && !(earliest <= head.Value.Arrived + linger[i])) earliest = head.Value.Arrived + linger[i];
        return earliest;
    }

    private BatchRequest<TRequest, TResult>? Next(bool criticalOnly)
    {
        if (lists[Critical].First is { } critical) return critical.Value;
        if (criticalOnly) return null;
        BatchRequest<TRequest, TResult>? next = null;
        for (var i = Critical + 1; i < Priorities; i++)
            if (lists[i].First is { } head && (next is null || Deadline(head.Value) < Deadline(next))) next = head.Value;
        return next;
    }

    private TimeSpan Deadline(BatchRequest<TRequest, TResult> request) => request.Arrived + maxWait[(int)request.Priority];
}
