namespace StreamPlatform.Streams;

/// <summary>
/// One partition number of one sub-topology, with every co-partitioned input: key locks, state, offsets, timers, and the open batch.
/// The same code runs under the real runtime and the test driver. Touched by one thread at a time.
/// </summary>
internal sealed class StreamTask
{
    private readonly Dictionary<string, KeySlot> slots = [];
    private TaskBatch? spare;
    private string? routeTopic;
    private OutputRoute route;
    private long inFlightBytes;

    private sealed class KeySlot
    {
        public WorkItem? Running;
        public Queue<WorkItem>? Waiting;
        /// <summary>Of those that wait, how many did not come from a retry topic: parked records that come due together do not press on the first of them.</summary>
        public int New;
    }

    public StreamTask(Kernel kernel, SubTopology sub, int partition)
    {
        Kernel = kernel; Sub = sub; Partition = partition;
        Inputs = [.. sub.Sources.Select(s => new TaskInput(s, partition))];
        Order = sub.Ordering == Ordering.None ? new FinishOrder() : null;
        foreach (var input in Inputs)
            if (input.Source is RetrySourceNode retry) input.Delayed = new DelayedRecords(this, input, retry);
        State = new object?[sub.StateCount];
        foreach (var node in sub.Nodes)
            if (node.HasTaskState) State[node.StateIndex] = node.CreateState(this);
    }

    public Kernel Kernel { get; }
    public SubTopology Sub { get; }
    public int Partition { get; }
    public string ApplicationId => Kernel.Options.ApplicationId;
    public TaskInput[] Inputs { get; }
    public object?[] State { get; }
    public TaskBatch Open { get; private set; } = new();
    public int InFlight { get; private set; }
    /// <summary>Restored; records may enter.</summary>
    public bool Started { get; set; }
    /// <summary>Taken away: what is still under way for it is ignored. Read by the commit thread.</summary>
    public bool Released { get => released; set => released = value; }
    private volatile bool released;

    public override string ToString() => $"task {Sub.Index}_{Partition}";

    public void Deliver(TaskInput input, ConsumedRecord record)
    {
        input.AtEnd = false;
        var tracked = input.Tracker.Read(record.Offset, input.Delayed is null ? record.TimestampMs : -1); // a retry topic has no event time
        input.Dirty = true;
        if (tracked is null) return;
        if (input.Delayed is { } delayed) delayed.Add(record, tracked.Value);
        else Admit(input, record, tracked.Value, null);
    }

    /// <summary>Lets a record run as soon as its key is free.</summary>
    /// <param name="retried">Set for a record from a retry topic that is due.</param>
    public void Admit(TaskInput input, ConsumedRecord record, OffsetTracker.Entry tracked, RetryMark? retried)
    {
        var item = new WorkItem(this, input, record, tracked) { Retried = retried };
        Entered(item);
        try { input.Source.Prepare(item); }
        catch (Exception e) { item.Reject(input.Source.Topic, e); return; }
        Start(item);
    }

    public void ReadToEnd(TaskInput input, long endOffset)
    {
        input.AtEnd = true;
        input.Tracker.ReadToEnd(endOffset);
        if (input.Tracker.Unfinished == 0) input.LastProgressMs = Kernel.LoopMs;
    }

    /// <summary>Fires due timers of keys that have nothing under way.</summary>
    public void FireTimers(long nowMs)
    {
        if (!Started || Released) return;
        foreach (var input in Inputs)
            if (!input.UserPaused) input.Delayed?.Release(nowMs);
        GiveUpSlowKeys(nowMs);
        foreach (var node in Sub.KeyedNodes)
        {
            var timers = ((KeyedState)State[node.StateIndex]!).Timers;
            while (timers.NextMs is { } next && next <= nowMs && timers.TryPop(nowMs, out var key, out var headers))
            {
                if (slots.ContainsKey(SlotOf(key)!) || !QuietInputs() || IsDeferred(key))
                {
                    timers.Arm(key, nowMs + RecheckMs, headers);
                    continue;
                }
                Fire(new WorkItem(this, node, key, headers));
            }
            FireEventTimers(node);
        }
    }

    /// <summary>Event time needs no quiet inputs: it passes with the finished prefix, so what could still come is late.</summary>
    private void FireEventTimers(IKeyedNode node)
    {
        var timers = ((KeyedState)State[node.StateIndex]!).EventTimers;
        if (timers.NextMs is not { } first) return;
        var nowMs = EventTimeMs();
        if (first > nowMs) return;
        List<string>? busy = null;
        while (timers.TryPop(nowMs, out var key, out _))
        {
            if (slots.ContainsKey(SlotOf(key)!)) (busy ??= []).Add(key);
            else Fire(new WorkItem(this, node, key, RecordHeaders.Empty) { EventTimeMs = nowMs });
        }
        if (busy is null) return;
        foreach (var key in busy) timers.Arm(key, nowMs);
    }

    private void Fire(WorkItem item)
    {
        Entered(item);
        Start(item);
    }

    /// <summary>The watermark of the slowest stream input, ms; inputs read to their end do not hold the others back.</summary>
    private long EventTimeMs()
    {
        long slowest = long.MaxValue, fastest = -1;
        foreach (var input in Inputs)
        {
            if (input.Source.IsPassive || input.Delayed is not null) continue;
            fastest = Math.Max(fastest, input.Tracker.WatermarkMs);
            if (!input.AtEnd || input.Tracker.Unfinished > 0) slowest = Math.Min(slowest, input.Tracker.WatermarkMs);
        }
        return Math.Min(slowest, fastest);
    }

    /// <summary>
    /// Up to where event time has passed for the key of a record: every earlier record of it is finished, so with one input its own stream time;
    /// with several, no more than the slowest's.
    /// </summary>
    public long EventTimeOf(WorkItem item)
    {
        var active = 0;
        foreach (var input in Inputs)
            if (!input.Source.IsPassive) active++;
        return active == 1 ? item.StreamTimeMs : Math.Min(item.StreamTimeMs, EventTimeMs());
    }

    public long? NextTimerMs()
    {
        long? earliest = null;
        foreach (var node in Sub.KeyedNodes)
            if (((KeyedState)State[node.StateIndex]!).Timers.NextMs is { } next && (earliest is null || next < earliest)) earliest = next;
        foreach (var input in Inputs)
            if (!input.UserPaused && input.Delayed?.NextMs is { } due && (earliest is null || due < earliest)) earliest = due;
        if (slots.Count > 0 && Kernel.Options.MaxBlockedMs > 0 && (earliest is null || nextSlowCheckMs < earliest)) earliest = nextSlowCheckMs;
        return earliest;
    }

    /// <summary>A timer that found its key busy or input unread looks again after this, ms.</summary>
    private const int RecheckMs = 50;

    private long nextSlowCheckMs;

    private void GiveUpSlowKeys(long nowMs)
    {
        var boundMs = Kernel.Options.MaxBlockedMs;
        if (boundMs == 0 || nowMs < nextSlowCheckMs) return;
        nextSlowCheckMs = nowMs + Math.Min(1_000, boundMs);
        foreach (var slow in slots.Values.Select(s => s.Running!).Where(r => nowMs - r.LockedAtMs >= boundMs).ToList())
            slow.GiveUpSlow($"it held its key for {nowMs - slow.LockedAtMs} ms");
    }

    private bool IsDeferred(string key)
    {
        foreach (var input in Inputs)
            if (input.Source.Retry?.IsParked(this, key) == true) return true;
        return false;
    }

    private bool QuietInputs()
    {
        if (!Kernel.ReadsOn) return false;
        foreach (var input in Inputs)
            if (input.Delayed is null && (!input.AtEnd || input.Paused || Kernel.MonotonicMs - input.ResumedAtMs < Kernel.SettleMs)) return false;
        return true;
    }

    private void Entered(WorkItem item)
    {
        InFlight++;
        inFlightBytes += item.Bytes;
        Kernel.InFlight++;
        Kernel.InFlightBytes += item.Bytes;
    }

    /// <summary>
    /// Runs an item as soon as its key is free. Where every step is synchronous an item is as a rule finished when its run returns, before anything else can want its key: so the key
    /// is locked only if it is not.
    /// </summary>
    private void Start(WorkItem item)
    {
        Order?.Enter(item);
        if (!Sub.NeedsKeyLock || SlotOf(item.LockKey) is not { } key) { item.Run(); return; }
        item.SlotKey = key;
        if (!Sub.RunsInline || (slots.Count > 0 && slots.ContainsKey(key)))
        {
            if (Lock(item, key)) item.Run();
            return;
        }
        item.Run();
        if (!item.IsFinished && !Released) Hold(slots[key] = new KeySlot(), item);
    }

    private bool Lock(WorkItem item, string key)
    {
        if (!slots.TryGetValue(key, out var slot)) slots[key] = slot = new KeySlot();
        if (slot.Running is { } running)
        {
            if (running.Parked && IsRow(item)) return true; // the row it waits for
            (slot.Waiting ??= new()).Enqueue(item);
            if (item.Retried is null && ++slot.New == Kernel.Options.MaxQueuedPerKey) running.GiveUpSlow($"{slot.New} records of its key wait for it");
            return false;
        }
        Hold(slot, item);
        return true;
    }

    private bool IsRow(WorkItem item) => item.Input is { Source: { IsTable: true } table } && (table.IsPassive || !Sub.HasAsync);

    /// <summary>A record begins to wait for a row: rows that wait for its key go first, before one that arrives now can overtake them.</summary>
    public void LetRowsPass(WorkItem parked)
    {
        if (!parked.HoldsLock || slots[parked.SlotKey] is not { Waiting.Count: > 0 } slot) return;
        var rows = slot.Waiting.Where(IsRow).ToList();
        if (rows.Count == 0) return;
        slot.Waiting = new(slot.Waiting.Where(i => !IsRow(i)));
        slot.New -= rows.Count;
        foreach (var row in rows) row.Run();
    }

    private void Hold(KeySlot slot, WorkItem item)
    {
        slot.Running = item;
        item.HoldsLock = true;
        if (Kernel.Options.MaxBlockedMs > 0) item.LockedAtMs = Kernel.MonotonicMs;
    }

    public void Unlock(WorkItem item)
    {
        item.HoldsLock = false;
        var slot = slots[item.SlotKey];
        if (slot.Waiting is { Count: > 0 })
        {
            var next = slot.Waiting.Dequeue();
            if (next.Retried is null) slot.New--;
            Hold(slot, next);
            Kernel.Runnable.Enqueue(next);
            return;
        }
        slots.Remove(item.SlotKey);
    }

    public void Finished(WorkItem item, OffsetTracker.Entry? tracked)
    {
        InFlight--;
        inFlightBytes -= item.Bytes;
        Kernel.InFlight--;
        Kernel.InFlightBytes -= item.Bytes;
        Kernel.FinishedRecords++;
        Open.Finished++;
        if (item.Input is { } input)
        {
            if (tracked is { } entry) input.Tracker.Finish(entry);
            input.Dirty = true;
            input.LastProgressMs = Kernel.LoopMs;
            if (input.Source.IsTable && SlotOf(item.LockKey) is { } key && slots.TryGetValue(key, out var slot) && slot.Running is { Parked: true } parked)
            {
                parked.Unpark();
                Kernel.Runnable.Enqueue(parked);
            }
        }
        if (item.HoldsLock) Unlock(item);
        Order?.Finished(item);
    }

    /// <summary>Set under ordering None.</summary>
    public FinishOrder? Order { get; }

    private string? SlotOf(string? lockKey) => Sub.Ordering == Ordering.Partition ? "" : lockKey;

    /// <summary>Takes the open batch for a transaction; null when there is nothing to commit.</summary>
    public SealedBatch? Seal()
    {
        var moved = false;
        foreach (var input in Inputs) moved |= input.Dirty;
        if (Open.IsEmpty && !moved) return null;
        var batch = Open;
        Open = spare ?? new TaskBatch();
        spare = null;
        var records = batch.Outputs;
        foreach (var entry in batch.Changed)
        {
            entry.Changed = false;
            records.Add(new OutputRecord(entry.Store.ChangelogTopic, Partition, -1, ChangelogKey.Write(entry.Key, entry.Sub), entry.Bytes, null));
        }
        var progressFrom = records.Count;
        var offsets = new List<(TopicPartitionId, long)>();
        foreach (var input in Inputs)
        {
            if (!input.Dirty) continue;
            input.Dirty = false;
            if (input.Tracker.Base != input.CommittedBase) offsets.Add((input.Id, input.Tracker.Base));
            input.CommittedBase = input.Tracker.Base;
            if (!input.Source.IsPassive) Progress.Append(records, Kernel.ProgressTopic, Sub.Index, input);
        }
        // a timer's transaction moves no offset, but only offsets make the broker check that we still own the task
        if (offsets.Count == 0 && records.Count > 0 && Array.Find(Inputs, i => i.Tracker.Base >= 0) is { } known)
        {
            offsets.Add((known.Id, known.Tracker.Base));
            // the base may have passed a transaction marker since: progress and the group's offset say the same, always
            if (known.Tracker.Base != known.CommittedBase && !known.Source.IsTable) Progress.Append(records, Kernel.ProgressTopic, Sub.Index, known);
            known.CommittedBase = known.Tracker.Base;
        }
        if (records.Count > 0 || offsets.Count > 0) return new SealedBatch(this, batch, progressFrom, offsets, batch.Finished);
        Recycle(batch);
        return null;
    }

    /// <summary>Takes back a batch whose commit is acknowledged: its room serves the next one.</summary>
    public void Recycle(TaskBatch batch)
    {
        batch.Clear();
        spare = batch;
    }

    public int OutputPartition(string topic, bool keyChanged, byte[]? key)
    {
        if (!ReferenceEquals(topic, routeTopic)) (routeTopic, route) = (topic, Kernel.RouteOf(this, topic));
        return route.PartitionOf(this, keyChanged, key);
    }

    /// <summary>Rows met in restore that cannot be read and were never dead-lettered.</summary>
    public List<(TaskInput Input, ConsumedRecord Record)> RestoredPoison { get; } = [];

    public KeyedStore? StoreOf(string name)
    {
        foreach (var node in Sub.KeyedNodes)
            if (node.StoreName == name) return ((KeyedState)State[node.StateIndex]!).Store;
        return null;
    }

    /// <summary>After restore: timers of the keys found start to count anew.</summary>
    public void Start()
    {
        foreach (var node in Sub.KeyedNodes)
            foreach (var key in ((KeyedState)State[node.StateIndex]!).Store.Keys) node.ArmRestored(this, key);
        foreach (var input in Inputs) input.LastProgressMs = Kernel.MonotonicMs;
        Started = true;
        foreach (var (input, record) in RestoredPoison)
        {
            var item = new WorkItem(this, input, record, null);
            Entered(item);
            item.Reject(input.Source.Topic, new PoisonException("a row that cannot be read, found while the table was restored"));
        }
        RestoredPoison.Clear();
    }

    public void Release()
    {
        Released = true;
        Kernel.InFlight -= InFlight;
        Kernel.InFlightBytes -= inFlightBytes;
        InFlight = 0;
        inFlightBytes = 0;
        slots.Clear();
    }
}
