namespace StreamPlatform.Streams;

/// <summary>
/// Windowed join of two streams; this node is the left side, <see cref="RightSide{K,V}"/> feeds the right one in. Entries of a key: its held records of both
/// sides, in order of time, and the note of its clock once silence has emptied it. One record costs a look at all that its key holds.
/// </summary>
internal sealed class StreamJoinNode<K, VLeft, VRight, VOut>(
    string store, ISerde<VLeft> leftSerde, ISerde<VRight> rightSerde, JoinWindows windows, OuterSides outer, Func<RecordContext, VLeft?, VRight?, VOut> join)
    : KeyedNode<K, VLeft>("stream-join", store)
{
    private const string ClockSub = "clock";
    private readonly StateSerializer<JoinEntry<VLeft, VRight>> serializer = new(new JoinEntrySerde<VLeft, VRight>(leftSerde, rightSerde));
    private readonly bool byPartition = windows.Clock == WindowClock.Partition;
    private readonly long beforeMs = (long)windows.Before.TotalMilliseconds;
    private readonly long afterMs = (long)windows.After.TotalMilliseconds;
    private readonly long graceMs = (long)windows.GracePeriod.TotalMilliseconds;

    public Port<K, VOut> Out { get; } = new();
    public override string Detail => $"{windows.Before} before to {windows.After} after, {WindowRange.Describe(windows)}" + (outer == OuterSides.None ? "" : $", outer: {outer}");

    public override void Process(RecordContext context, K key, VLeft value) => Take(context, key, new(JoinPart.Left, false, context.TimestampMs, value, default));
    public void ProcessRight(RecordContext context, K key, VRight value) => Take(context, key, new(JoinPart.Right, false, context.TimestampMs, default, value));

    /// <summary>The clock value past which a record meets nothing more.</summary>
    private long HeldUntilMs(JoinEntry<VLeft, VRight> entry) => entry.TimestampMs + (entry.Part == JoinPart.Left ? afterMs : beforeMs) + graceMs;

    private bool Meet(JoinEntry<VLeft, VRight> left, JoinEntry<VLeft, VRight> right) =>
        right.TimestampMs >= left.TimestampMs - beforeMs && right.TimestampMs <= left.TimestampMs + afterMs;

    private void Take(RecordContext context, K key, JoinEntry<VLeft, VRight> arrived)
    {
        var item = context.Item;
        item.CurrentStep = Name;
        var text = TextKey(key);
        var state = Context(item, context, text);
        var entries = state.All().ToList();
        var clockMs = byPartition ? item.StreamTimeMs : Math.Max(context.TimestampMs, entries.Count == 0 ? -1 : entries.Max(e => e.Value.TimestampMs));
        if (HeldUntilMs(arrived) < clockMs)
        {
            item.Task.Kernel.Metrics.Late(Name);
            return;
        }
        Arm(item, text, windows.IdleCloseAfter ?? windows.ForgetAfter, context.Headers);
        if (!byPartition)
        {
            GiveUp(state, context, key, entries, e => HeldUntilMs(e) < clockMs);
            state.Delete(ClockSub); // the arrived record keeps the clock, or a held one does
            if (arrived.TimestampMs < clockMs && !entries.Exists(e => e.Value.Part != JoinPart.Clock && e.Value.TimestampMs == clockMs)) state.Put(Clock(clockMs), ClockSub);
        }

        var matched = false;
        foreach (var (sub, held) in entries)
        {
            if (held.Part == arrived.Part || held.Part == JoinPart.Clock || HeldUntilMs(held) < clockMs) continue;
            var (left, right) = arrived.Part == JoinPart.Left ? (arrived, held) : (held, arrived);
            if (!Meet(left, right)) continue;
            matched = true;
            if (!held.Matched && IsOuter(held.Part)) state.Put(held with { Matched = true }, sub);
            Out.Forward(context.Derive(Name, Math.Max(left.TimestampMs, right.TimestampMs)), key, join(context, left.Left, right.Right));
        }
        state.Put(arrived with { Matched = matched }, FreeSub(state, context, arrived));
        if (byPartition) ArmEvent(item, state);
    }

    public override void Fire(WorkItem item, string key)
    {
        item.CurrentStep = $"{Name} close";
        var state = Context(item, item.Context, key);
        var entries = state.All().ToList();
        if (item.EventTimeMs is { } eventTimeMs)
        {
            GiveUp(state, item.Context, (K)(object)key, entries, e => HeldUntilMs(e) < eventTimeMs);
            ArmEvent(item, state);
            return;
        }
        var clockMs = entries.Count == 0 ? -1 : entries.Max(e => e.Value.TimestampMs);
        var anyHeld = entries.Exists(e => e.Value.Part != JoinPart.Clock);
        GiveUp(state, item.Context, (K)(object)key, entries, _ => true);
        if (anyHeld && windows.IdleCloseAfter is not null && !byPartition)
        {
            state.Put(Clock(clockMs), ClockSub);
            Arm(item, key, windows.ForgetAfter, null);
        }
        else state.Delete(ClockSub);
    }

    public override void ArmRestored(StreamTask task, string key)
    {
        var anyHeld = StateOf(task).Store.All(key).Any(e => e.Sub != ClockSub);
        var silence = anyHeld ? windows.IdleCloseAfter ?? windows.ForgetAfter : windows.ForgetAfter;
        StateOf(task).Timers.Arm(key, task.Kernel.MonotonicMs + (long)silence.TotalMilliseconds);
        if (byPartition && anyHeld) StateOf(task).EventTimers.Arm(key, 0);
    }

    /// <summary>Removes held records, oldest first; an outer side's that met nothing gives its result alone.</summary>
    private void GiveUp(KeyContext<JoinEntry<VLeft, VRight>> state, RecordContext context, K key,
        List<(string Sub, JoinEntry<VLeft, VRight> Value)> entries, Func<JoinEntry<VLeft, VRight>, bool> due)
    {
        foreach (var (sub, held) in entries)
        {
            if (held.Part == JoinPart.Clock || !due(held)) continue;
            state.Delete(sub);
            if (!held.Matched && IsOuter(held.Part)) Out.Forward(context.Derive($"{Name}@{sub}", held.TimestampMs), key, join(context, held.Left, held.Right));
        }
    }

    private bool IsOuter(JoinPart part) => outer.HasFlag(part == JoinPart.Left ? OuterSides.Left : OuterSides.Right);

    private void ArmEvent(WorkItem item, KeyContext<JoinEntry<VLeft, VRight>> state)
    {
        var earliestMs = long.MaxValue;
        foreach (var (_, held) in state.All())
            if (held.Part != JoinPart.Clock) earliestMs = Math.Min(earliestMs, HeldUntilMs(held) + 1);
        if (earliestMs < long.MaxValue) StateOf(item).EventTimers.Arm(state.Key, earliestMs);
    }

    private static JoinEntry<VLeft, VRight> Clock(long timestampMs) => new(JoinPart.Clock, true, timestampMs, default, default);

    /// <summary>Time, then position in the input; several values of one record are numbered.</summary>
    private static string FreeSub(KeyContext<JoinEntry<VLeft, VRight>> state, RecordContext context, JoinEntry<VLeft, VRight> arrived)
    {
        for (var n = 0; ; n++)
        {
            var sub = $"{Math.Max(0, arrived.TimestampMs):D19}{(arrived.Part == JoinPart.Left ? 'l' : 'r')}{context.Offset:D19}.{n}";
            if (!state.TryGet(out _, sub)) return sub;
        }
    }

    private KeyContext<JoinEntry<VLeft, VRight>> Context(WorkItem item, RecordContext context, string key) =>
        new(item, context, StateOf(item).Store, serializer, key, null);
}
