namespace StreamPlatform.Streams;

/// <summary>Ordering None: records of a key run at once, but finish, and so leave, in the order they came. Bounded by the records in flight.</summary>
internal sealed class FinishOrder
{
    private readonly Dictionary<string, Queue<WorkItem>> keys = [];
    private readonly HashSet<WorkItem> ready = [];
    private readonly Queue<WorkItem> next = new();
    private bool draining;

    public void Enter(WorkItem item)
    {
        if (item.LockKey is not { } key) return;
        if (!keys.TryGetValue(key, out var queue)) keys[key] = queue = new Queue<WorkItem>(1);
        queue.Enqueue(item);
    }

    /// <summary>False if an earlier record of the key is under way; then <see cref="WorkItem.Finish"/> is called when it is its turn.</summary>
    public bool MayFinish(WorkItem item)
    {
        if (item.LockKey is not { } key || !keys.TryGetValue(key, out var queue) || ReferenceEquals(queue.Peek(), item)) return true;
        ready.Add(item);
        return false;
    }

    public void Finished(WorkItem item)
    {
        if (item.LockKey is not { } key || !keys.TryGetValue(key, out var queue)) return;
        queue.Dequeue();
        if (!queue.TryPeek(out var follower)) { keys.Remove(key); return; }
        if (!ready.Remove(follower)) return;
        next.Enqueue(follower);
        if (draining) return; // no recursion: the queue of a key may be long
        draining = true;
        while (next.TryDequeue(out var one)) one.Finish();
        draining = false;
    }
}
