namespace StreamPlatform.Streams;

/// <summary>Tumbling and hopping windows.</summary>
internal sealed class TimeWindowNode<K, V, TAcc, VOut>(
    string store, ISerde<TAcc> accSerde, TimeWindows windows, Func<string, TimeWindow, TAcc> init,
    Func<TAcc, V, RecordContext, TAcc> add, Func<string, TimeWindow, TAcc, VOut> close)
    : WindowedNode<K, V, TAcc, VOut>("window", store, accSerde, windows, windows.Emission, close)
{
    public override string Detail => $"{windows.Size} windows, " + (windows.Advance < windows.Size ? $"every {windows.Advance}, " : "") + WindowRange.Describe(windows);

    protected override TimeWindow Bounds(string sub, WindowEntry<TAcc> entry) => windows.At(long.Parse(sub));
    protected override long ReachMs(TimeWindow window) => window.EndMs;

    protected override List<(TimeWindow Window, TAcc Acc)> Add(
        KeyContext<WindowEntry<TAcc>> state, RecordContext context, V value, long closedUntilMs, long clockMs)
    {
        var changed = new List<(TimeWindow, TAcc)>(1);
        foreach (var window in windows.Of(context.TimestampMs))
        {
            if (window.EndMs <= closedUntilMs || IsDue(window, clockMs)) continue;
            var sub = SubKey(window);
            var entry = state.Get(sub);
            var acc = add(entry is null ? init(state.Key, window) : entry.Acc!, value, context);
            var headers = context.Item.Task.Kernel.ForwardedHeaders(context);
            state.Put(new WindowEntry<TAcc>(Math.Max(entry?.MaxTimestampMs ?? -1, context.TimestampMs), -1, headers, acc), sub);
            changed.Add((window, acc));
        }
        return changed;
    }
}
