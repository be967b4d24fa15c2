namespace StreamPlatform.Streams;

internal sealed class WindowNode<K, V, TAcc, VOut>(
    string store, ISerde<TAcc> accSerde, TimeWindows windows, Func<string, TimeWindow, TAcc> init,
    Func<TAcc, V, RecordContext, TAcc> add, Func<string, TimeWindow, TAcc, VOut> close) : KeyedNode<K, V>("window", store)
{
    private const string Closed = "closed";
    private readonly WindowEntrySerde<TAcc> serde = new(accSerde);
    private readonly long graceMs = (long)windows.GracePeriod.TotalMilliseconds;

    public Port<K, VOut> Out { get; } = new();
    public override string Detail => $"{windows.Size} windows, grace {windows.GracePeriod}" + (windows.IdleCloseAfter is { } idle ? $", closed after {idle} of silence" : "");

    public override void Process(RecordContext context, K key, V value)
    {
        var item = context.Item;
        item.CurrentStep = Name;
        var text = TextKey(key);
        var state = Context(item, context, text);
        var note = state.Get(Closed);
        var clockMs = note?.MaxTimestampMs ?? -1;
        foreach (var (_, open) in Open(state)) clockMs = Math.Max(clockMs, open.MaxTimestampMs);

        var window = windows.Of(context.TimestampMs);
        if (window.EndMs <= (note?.ClosedUntilMs ?? 0) || window.EndMs + graceMs <= clockMs)
        {
            item.Task.Kernel.Metrics.Late(Name);
            return;
        }
        var sub = SubKey(window);
        var entry = state.Get(sub);
        var acc = add(entry is null ? init(text, window) : entry.Acc!, value, context);
        state.Put(new WindowEntry<TAcc>(Math.Max(entry?.MaxTimestampMs ?? -1, context.TimestampMs), -1, item.Task.Kernel.ForwardedHeaders(context), acc), sub);
        clockMs = Math.Max(clockMs, context.TimestampMs);

        Arm(item, text, windows.IdleCloseAfter ?? windows.ForgetAfter, context.Headers);
        CloseWhere(state, context, key, clockMs, bounds => bounds.EndMs + graceMs <= clockMs);
    }

    /// <summary>Silence: closes what is open; a much longer silence forgets the note.</summary>
    public override void Fire(WorkItem item, string key)
    {
        item.CurrentStep = $"{Name} idle close";
        var state = Context(item, item.Context, key);
        var open = Open(state).ToList();
        if (open.Count == 0)
        {
            state.Delete(Closed);
            return;
        }
        Arm(item, key, windows.ForgetAfter, null);
        if (windows.IdleCloseAfter is null) return;
        var clockMs = Math.Max(state.Get(Closed)?.MaxTimestampMs ?? -1, open.Max(w => w.Entry.MaxTimestampMs));
        CloseWhere(state, item.Context, (K)(object)key, clockMs, _ => true);
    }

    public override void ArmRestored(StreamTask task, string key)
    {
        var anyOpen = StateOf(task).Store.All(key).Any(e => e.Key != Closed);
        var silence = anyOpen ? windows.IdleCloseAfter ?? windows.ForgetAfter : windows.ForgetAfter;
        StateOf(task).Timers.Arm(key, task.Kernel.MonotonicMs + (long)silence.TotalMilliseconds);
    }

    private void CloseWhere(KeyContext<WindowEntry<TAcc>> state, RecordContext context, K key, long clockMs, Func<TimeWindow, bool> due)
    {
        List<(TimeWindow Window, WindowEntry<TAcc> Entry)>? closing = null;
        foreach (var open in Open(state))
            if (due(open.Window)) (closing ??= []).Add(open);
        if (closing is null) return;
        var closedUntilMs = Math.Max(state.Get(Closed)?.ClosedUntilMs ?? 0, closing[^1].Window.EndMs);
        foreach (var (window, _) in closing) state.Delete(SubKey(window));
        state.Put(new WindowEntry<TAcc>(clockMs, closedUntilMs, RecordHeaders.Empty, default), Closed);
        foreach (var (window, entry) in closing)
        {
            var output = close(state.Key, window, entry.Acc!);
            Out.Forward(context.Derive($"{Name}@{window.StartMs}", window.EndMs - 1, entry.Headers), key, output);
        }
    }

    private IEnumerable<(TimeWindow Window, WindowEntry<TAcc> Entry)> Open(KeyContext<WindowEntry<TAcc>> state)
    {
        foreach (var (sub, entry) in state.All())
            if (sub != Closed) yield return (windows.Of(long.Parse(sub)), entry);
    }

    /// <summary>Padded, so that ordinal order is time order.</summary>
    private static string SubKey(TimeWindow window) => window.StartMs.ToString("D19");

    private KeyContext<WindowEntry<TAcc>> Context(WorkItem item, RecordContext context, string key) =>
        new(item, context, StateOf(item).Store, serde, key, _ => { });
}
