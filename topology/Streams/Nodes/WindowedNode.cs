namespace StreamPlatform.Streams;

/// <summary>
/// What windows of every kind share. Entries of a key: one per open window, under its padded start, and the note "closed", which holds the key's clock
/// and up to where windows are closed. Windows close by the key's own clock with the record that moves it, by partition time as an event of
/// their own behind the watermark, or by wall-clock silence.
/// </summary>
internal abstract class WindowedNode<K, V, TAcc, VOut>(
    string kind, string store, ISerde<TAcc> accSerde, IWindowTiming timing, EmitStrategy emission, Func<string, TimeWindow, TAcc, VOut> close)
    : KeyedNode<K, V>(kind, store)
{
    protected const string Closed = "closed";
    private readonly StateSerializer<WindowEntry<TAcc>> serializer = new(new WindowEntrySerde<TAcc>(accSerde));
    private readonly bool byPartition = timing.Clock == WindowClock.Partition;
    protected long GraceMs { get; } = (long)timing.GracePeriod.TotalMilliseconds;

    public Port<K, VOut> Out { get; } = new();

    protected abstract TimeWindow Bounds(string sub, WindowEntry<TAcc> entry);
    /// <summary>Records before this belong to the window or to an earlier one, ms.</summary>
    protected abstract long ReachMs(TimeWindow window);
    /// <summary>Counts the value in every window that is open for it; returns those, none if it is late.</summary>
    protected abstract List<(TimeWindow Window, TAcc Acc)> Add(
        KeyContext<WindowEntry<TAcc>> state, RecordContext context, V value, long closedUntilMs, long clockMs);

    public override void Process(RecordContext context, K key, V value)
    {
        var item = context.Item;
        item.CurrentStep = Name;
        var text = TextKey(key);
        var state = Context(item, context, text);
        // what is due at the record's stream time closes first: the watermark may lag behind, and a session must not grow by that
        var closedSome = byPartition && CloseDue(state, context, key, item.Task.EventTimeOf(item));
        var note = state.Get(Closed);
        var clockMs = byPartition ? item.StreamTimeMs : note?.MaxTimestampMs ?? -1;
        var open = byPartition ? null : Open(state).ToList();
        if (open is not null)
            foreach (var (_, entry) in open) clockMs = Math.Max(clockMs, entry.MaxTimestampMs);

        var changed = Add(state, context, value, note?.ClosedUntilMs ?? 0, clockMs);
        if (changed.Count == 0)
        {
            item.Task.Kernel.Metrics.Late(Name);
            if (closedSome && !Open(state).Any()) Arm(item, text, timing.ForgetAfter, null);
            return;
        }
        Arm(item, text, timing.IdleCloseAfter ?? timing.ForgetAfter, context.Headers);
        if (emission == EmitStrategy.OnWindowUpdate)
            foreach (var (window, acc) in changed) Out.Forward(context.Derive(Name, at: window.StartMs), key, close(text, window, acc));
        if (byPartition) { ArmEvent(item, state); return; }
        clockMs = Math.Max(clockMs, context.TimestampMs);
        if (open!.Exists(w => IsDue(w.Window, clockMs)) || changed.Exists(w => IsDue(w.Window, clockMs))) CloseDue(state, context, key, clockMs);
    }

    private bool CloseDue(KeyContext<WindowEntry<TAcc>> state, RecordContext context, K key, long clockMs) =>
        CloseWhere(state, context, key, clockMs, window => IsDue(window, clockMs));

    protected bool IsDue(TimeWindow window, long clockMs) => CloseAtMs(window) <= clockMs;
    private long CloseAtMs(TimeWindow window) => ReachMs(window) + GraceMs;

    /// <summary>Event time: closes what the watermark has passed. Silence: closes what is open; a much longer silence forgets the note.</summary>
    public override void Fire(WorkItem item, string key)
    {
        item.CurrentStep = $"{Name} close";
        var state = Context(item, item.Context, key);
        var open = Open(state).ToList();
        if (item.EventTimeMs is { } eventTimeMs)
        {
            CloseDue(state, item.Context, (K)(object)key, eventTimeMs);
            ArmEvent(item, state);
            if (open.TrueForAll(w => IsDue(w.Window, eventTimeMs))) Arm(item, key, timing.ForgetAfter, null); // nothing left for silence to close
            return;
        }
        if (open.Count == 0)
        {
            state.Delete(Closed);
            return;
        }
        Arm(item, key, timing.ForgetAfter, null);
        if (timing.IdleCloseAfter is null) return;
        var clockMs = Math.Max(state.Get(Closed)?.MaxTimestampMs ?? -1, open.Max(w => w.Entry.MaxTimestampMs));
        CloseWhere(state, item.Context, (K)(object)key, clockMs, _ => true);
    }

    public override void ArmRestored(StreamTask task, string key)
    {
        var anyOpen = StateOf(task).Store.All(key).Any(e => e.Sub != Closed);
        var silence = anyOpen ? timing.IdleCloseAfter ?? timing.ForgetAfter : timing.ForgetAfter;
        StateOf(task).Timers.Arm(key, task.Kernel.MonotonicMs + (long)silence.TotalMilliseconds);
        if (byPartition && anyOpen) StateOf(task).EventTimers.Arm(key, 0); // looks at its windows with the first watermark
    }

    private void ArmEvent(WorkItem item, KeyContext<WindowEntry<TAcc>> state)
    {
        var earliestMs = long.MaxValue;
        foreach (var (window, _) in Open(state)) earliestMs = Math.Min(earliestMs, CloseAtMs(window));
        if (earliestMs < long.MaxValue) StateOf(item).EventTimers.Arm(state.Key, earliestMs);
    }

    private bool CloseWhere(KeyContext<WindowEntry<TAcc>> state, RecordContext context, K key, long clockMs, Func<TimeWindow, bool> due)
    {
        List<(TimeWindow Window, WindowEntry<TAcc> Entry)>? closing = null;
        foreach (var open in Open(state))
            if (due(open.Window)) (closing ??= []).Add(open);
        if (closing is null) return false;
        var closedUntilMs = Math.Max(state.Get(Closed)?.ClosedUntilMs ?? 0, closing.Max(w => ReachMs(w.Window)));
        foreach (var (window, _) in closing) state.Delete(SubKey(window));
        state.Put(new WindowEntry<TAcc>(clockMs, closedUntilMs, RecordHeaders.Empty, default), Closed);
        if (emission == EmitStrategy.OnWindowUpdate) return true;
        foreach (var (window, entry) in closing)
            Out.Forward(context.Derive(Name, window.EndMs - 1, entry.Headers, window.StartMs), key, close(state.Key, window, entry.Acc!));
        return true;
    }

    protected IEnumerable<(TimeWindow Window, WindowEntry<TAcc> Entry)> Open(KeyContext<WindowEntry<TAcc>> state)
    {
        foreach (var (sub, entry) in state.All())
            if (sub != Closed) yield return (Bounds(sub, entry), entry);
    }

    /// <summary>Padded, so that ordinal order is time order.</summary>
    protected static string SubKey(TimeWindow window) => window.StartMs.ToString("D19");

    private KeyContext<WindowEntry<TAcc>> Context(WorkItem item, RecordContext context, string key) =>
        new(item, context, StateOf(item).Store, serializer, key, null);
}
