namespace StreamPlatform.Streams;

/// <summary>Holds the last update per key, or per key and part, until its time limit. The entry's clock is the first update's timestamp.</summary>
internal sealed class SuppressNode<K, V>(string store, ISerde<V> serde, Suppressed suppressed, Func<V, string> part) : KeyedNode<K, V>("suppress", store)
{
    private readonly StateSerializer<WindowEntry<SuppressedValue<V>>> serializer = new(new WindowEntrySerde<SuppressedValue<V>>(new SuppressedValueSerde<V>(serde)));
    private readonly long limitMs = (long)suppressed.Limit.TotalMilliseconds;

    public Port<K, V> Out { get; } = new();
    public override string Detail => $"until {suppressed.Limit}, or {suppressed.EmitAfterIdle} of silence";

    public override void Process(RecordContext context, K key, V value)
    {
        var item = context.Item;
        item.CurrentStep = Name;
        var text = TextKey(key);
        var state = Context(item, context, text);
        foreach (var (sub, held) in state.All().ToList())
            if (context.TimestampMs >= held.MaxTimestampMs + limitMs) Release(state, context, key, sub, held);
        Arm(item, text, suppressed.EmitAfterIdle, context.Headers);
        var name = part(value);
        var firstMs = state.TryGet(out var present, name) ? present.MaxTimestampMs : context.TimestampMs;
        state.Put(new(firstMs, -1, item.Task.Kernel.ForwardedHeaders(context), new(context.TimestampMs, value)), name);
    }

    public override void Fire(WorkItem item, string key)
    {
        item.CurrentStep = $"{Name} release";
        var state = Context(item, item.Context, key);
        foreach (var (sub, held) in state.All().ToList()) Release(state, item.Context, (K)(object)key, sub, held);
    }

    public override void ArmRestored(StreamTask task, string key) =>
        StateOf(task).Timers.Arm(key, task.Kernel.MonotonicMs + (long)suppressed.EmitAfterIdle.TotalMilliseconds);

    private void Release(KeyContext<WindowEntry<SuppressedValue<V>>> state, RecordContext context, K key, string sub, WindowEntry<SuppressedValue<V>> held)
    {
        state.Delete(sub);
        Out.Forward(context.Derive(Name, held.Acc!.TimestampMs, held.Headers, held.MaxTimestampMs), key, held.Acc.Value);
    }

    private KeyContext<WindowEntry<SuppressedValue<V>>> Context(WorkItem item, RecordContext context, string key) =>
        new(item, context, StateOf(item).Store, serializer, key, null);
}
