namespace StreamPlatform.Streams;

internal sealed class FilterNode<K, V>(string name, Func<RecordContext, K, V, bool> predicate) : Node<K, V>("filter", name)
{
    public Port<K, V> Out { get; } = new();
    public override void Process(RecordContext context, K key, V value)
    {
        context.Item.CurrentStep = Name;
        if (predicate(context, key, value)) Out.Forward(context, key, value);
    }
}

internal sealed class MapNode<K, V, VOut>(string name, Func<RecordContext, V, VOut> map) : Node<K, V>("map", name)
{
    public Port<K, VOut> Out { get; } = new();
    public override void Process(RecordContext context, K key, V value)
    {
        context.Item.CurrentStep = Name;
        Out.Forward(context, key, map(context, value));
    }
}

internal sealed class FlatMapNode<K, V, VOut>(string name, Func<RecordContext, V, IEnumerable<VOut>> map) : Node<K, V>("flat-map", name)
{
    public Port<K, VOut> Out { get; } = new();
    public override void Process(RecordContext context, K key, V value)
    {
        context.Item.CurrentStep = Name;
        foreach (var output in map(context, value)) Out.Forward(context, key, output);
    }
}

internal sealed class SelectKeyNode<K, V, KOut>(string name, Func<K, V, KOut> select) : Node<K, V>("select-key", name)
{
    public Port<KOut, V> Out { get; } = new();
    public override void Process(RecordContext context, K key, V value)
    {
        context.Item.CurrentStep = Name;
        Out.Forward(context, select(key, value), value);
    }
}

internal sealed class MergeNode<K, V>(string name) : Node<K, V>("merge", name)
{
    public Port<K, V> Out { get; } = new();
    public override void Process(RecordContext context, K key, V value) => Out.Forward(context, key, value);
}

internal sealed class BranchNode<K, V>(string name, Func<K, V, bool>[] predicates) : Node<K, V>("branch", name)
{
    public Port<K, V>[] Outs { get; } = [.. predicates.Select(_ => new Port<K, V>())];
    public override void Process(RecordContext context, K key, V value)
    {
        context.Item.CurrentStep = Name;
        for (var i = 0; i < predicates.Length; i++)
        {
            if (!predicates[i](key, value)) continue;
            Outs[i].Forward(context, key, value);
            return;
        }
    }
}

internal sealed class TableJoinNode<K, V, VTable, VOut>(
    string name, ITableNode<K, VTable> table, bool inner, Func<RecordContext, V, VTable?, VOut> join) : Node<K, V>(inner ? "join" : "left-join", name)
    where K : notnull
{
    public Port<K, VOut> Out { get; } = new();
    public override string Detail => $"with table {table.Self.Name}";

    public override void Process(RecordContext context, K key, V value)
    {
        context.Item.CurrentStep = Name;
        if (key is null) throw new PoisonException($"a record without key cannot be joined with {table.Self.Name}");
        var found = table.TryGet(context.Item, key, out var row);
        if (!found && table.FromTopic && context.Item.WaitForTable()) return;
        if (!found && inner) return;
        Out.Forward(context, key, join(context, value, found ? row : default));
    }
}

internal sealed class ToTopicNode<K, V>(string topic, ISerde<K> keySerde, ISerde<V> valueSerde, bool keyChanged) : Node<K, V>("to", topic)
{
    public bool KeyChanged => keyChanged;
    public override void Process(RecordContext context, K key, V value)
    {
        var item = context.Item;
        item.CurrentStep = $"to {Name}";
        var raw = key is null ? null : keySerde.Serialize(Name, key);
        item.Emit(new OutputRecord(Name, item.Task.OutputPartition(Name, keyChanged, raw), context.TimestampMs, raw,
            valueSerde.Serialize(Name, value), item.Task.Kernel.OutputHeaders(context)));
    }
}
