namespace StreamPlatform.Streams;

/// <summary>Sessions: an entry is kept under its first timestamp and holds its last.</summary>
internal sealed class SessionWindowNode<K, V, TAcc, VOut>(
    string store, ISerde<TAcc> accSerde, SessionWindows windows, Func<string, TAcc> init, Func<TAcc, V, RecordContext, TAcc> add,
    Func<string, TAcc, TAcc, TAcc> merge, Func<string, TimeWindow, TAcc, VOut> close)
    : WindowedNode<K, V, TAcc, VOut>("session-window", store, accSerde, windows, windows.Emission, close)
{
    private readonly long gapMs = (long)windows.InactivityGap.TotalMilliseconds;

    public override string Detail => $"sessions with gaps of {windows.InactivityGap}, {WindowRange.Describe(windows)}";

    protected override TimeWindow Bounds(string sub, WindowEntry<TAcc> entry) => new(long.Parse(sub), entry.MaxTimestampMs + 1);
    protected override long ReachMs(TimeWindow window) => window.EndMs + gapMs;

    protected override List<(TimeWindow Window, TAcc Acc)> Add(
        KeyContext<WindowEntry<TAcc>> state, RecordContext context, V value, long closedUntilMs, long clockMs)
    {
        var time = WindowRange.TimeOf(context.TimestampMs);
        if (time < closedUntilMs) return [];
        var touching = Open(state).Where(s => s.Window.StartMs - gapMs <= time && time <= s.Window.EndMs - 1 + gapMs).ToList();
        var session = new TimeWindow(time, time + 1);
        foreach (var (window, _) in touching)
            session = new TimeWindow(Math.Min(session.StartMs, window.StartMs), Math.Max(session.EndMs, window.EndMs));
        if (IsDue(session, clockMs)) return [];

        var acc = touching.Count == 0 ? init(state.Key) : touching[0].Entry.Acc!;
        foreach (var (_, later) in touching.Skip(1)) acc = merge(state.Key, acc, later.Acc!);
        acc = add(acc, value, context);
        foreach (var (window, _) in touching)
            if (window.StartMs != session.StartMs) state.Delete(SubKey(window));
        state.Put(new WindowEntry<TAcc>(session.EndMs - 1, -1, context.Item.Task.Kernel.ForwardedHeaders(context), acc), SubKey(session));
        return [(session, acc)];
    }
}
