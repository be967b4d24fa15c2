namespace StreamPlatform.Streams;

internal sealed class ProcessNode<K, V, TState, VOut>(
    string store, ISerde<TState> serde, Func<IKeyContext<TState>, V, IEnumerable<VOut>> process, IdleTimer<TState, VOut>? idle) : KeyedNode<K, V>("process", store)
{
    private readonly StateSerializer<TState> serializer = new(serde);
    public Port<K, VOut> Out { get; } = new();
    public override string Detail => idle is null ? "keyed state" : $"keyed state, idle timer {idle.After}";

    public override void Process(RecordContext context, K key, V value)
    {
        var item = context.Item;
        item.CurrentStep = Name;
        var text = TextKey(key);
        if (idle is not null) Arm(item, text, idle.After, context.Headers);
        var state = Context(item, context, text);
        foreach (var output in process(state, value)) Out.Forward(context, key, output);
    }

    public override void Fire(WorkItem item, string key)
    {
        if (idle is null || !StateOf(item).Store.Has(key)) return;
        item.CurrentStep = $"{Name} idle timer";
        foreach (var output in idle.Fire(Context(item, item.Context, key))) Out.Forward(item.Context, (K)(object)key, output);
    }

    public override void ArmRestored(StreamTask task, string key)
    {
        if (idle is not null) StateOf(task).Timers.Arm(key, task.Kernel.MonotonicMs + (long)idle.After.TotalMilliseconds);
    }

    private KeyContext<TState> Context(WorkItem item, RecordContext context, string key) => new(item, context, StateOf(item).Store, serializer, key, idle is null ? null : IdleAgain);

    private void IdleAgain(WorkItem item, string key, TimeSpan silence) => Arm(item, key, silence, null);
}
