namespace StreamPlatform.Streams;

/// <summary>A change of one row: its new value, or its deletion.</summary>
internal readonly record struct Change<V>(bool Present, V? Value)
{
    public static Change<V> Deleted => new(false, default);
}

/// <summary>A node whose rows can be looked up and whose changes can be followed.</summary>
internal interface ITableNode<K, V>
{
    Node Self { get; }
    Port<K, Change<V>> Changes { get; }
    /// <summary>A missing row may still come through a topic that is being read.</summary>
    bool FromTopic { get; }
    /// <summary>As the record at hand sees it, its own changes included.</summary>
    bool TryGet(WorkItem item, K key, out V value);
}

/// <summary>A stream's latest values, in a store.</summary>
internal sealed class TableStoreNode<K, V>(string store, ISerde<V> serde) : KeyedNode<K, V>("to-table", store), ITableNode<K, V>
{
    private readonly StateSerializer<V> serializer = new(serde);
    public Node Self => this;
    public Port<K, Change<V>> Changes { get; } = new();
    public bool FromTopic => false;

    public override void Process(RecordContext context, K key, V value)
    {
        context.Item.CurrentStep = Name;
        Context(context.Item, context, TextKey(key)).Put(value);
        Changes.Forward(context, key, new(true, value));
    }

    public bool TryGet(WorkItem item, K key, out V value) => Context(item, item.Context, TextKey(key)).TryGet(out value);
    public override void Fire(WorkItem item, string key) { }
    public override void ArmRestored(StreamTask task, string key) { }

    private KeyContext<V> Context(WorkItem item, RecordContext context, string key) => new(item, context, StateOf(item).Store, serializer, key, null);
}

internal sealed class TableFilterNode<K, V>(string name, ITableNode<K, V> source, Func<K, V, bool> predicate) : Node<K, Change<V>>("table-filter", name), ITableNode<K, V>
{
    public Node Self => this;
    public Port<K, Change<V>> Changes { get; } = new();
    public bool FromTopic => source.FromTopic;

    public override void Process(RecordContext context, K key, Change<V> change)
    {
        context.Item.CurrentStep = Name;
        Changes.Forward(context, key, change.Present && predicate(key, change.Value!) ? change : Change<V>.Deleted);
    }

    public bool TryGet(WorkItem item, K key, out V value)
    {
        if (source.TryGet(item, key, out value) && predicate(key, value)) return true;
        value = default!;
        return false;
    }
}

internal sealed class TableMapNode<K, V, VOut>(string name, ITableNode<K, V> source, Func<V, VOut> map) : Node<K, Change<V>>("table-map", name), ITableNode<K, VOut>
{
    public Node Self => this;
    public Port<K, Change<VOut>> Changes { get; } = new();
    public bool FromTopic => source.FromTopic;

    public override void Process(RecordContext context, K key, Change<V> change)
    {
        context.Item.CurrentStep = Name;
        Changes.Forward(context, key, change.Present ? new(true, map(change.Value!)) : Change<VOut>.Deleted);
    }

    public bool TryGet(WorkItem item, K key, out VOut value)
    {
        var found = source.TryGet(item, key, out var row);
        value = found ? map(row) : default!;
        return found;
    }
}

/// <summary>
/// A change of one side meets the other side's present row. What neither side can make present is not announced, except as a deletion. Rows may be newer than the change at hand: if both sides delete,
/// each deletion may find the other row gone already, so an inner join announces every one.
/// </summary>
internal sealed class TableTableJoinNode<K, VLeft, VRight, VOut>(
    string name, ITableNode<K, VLeft> left, ITableNode<K, VRight> right, OuterSides outer, Func<VLeft?, VRight?, VOut> join)
    : Node<K, Change<VLeft>>("table-join", name), ITableNode<K, VOut>
{
    public Node Self => this;
    public Port<K, Change<VOut>> Changes { get; } = new();
    public bool FromTopic => left.FromTopic || right.FromTopic;
    public override string Detail => $"{left.Self.Name} with {right.Self.Name}" + (outer == OuterSides.None ? "" : $", outer: {outer}");

    public override void Process(RecordContext context, K key, Change<VLeft> change)
    {
        context.Item.CurrentStep = Name;
        var found = right.TryGet(context.Item, key, out var row);
        if (!found && !outer.HasFlag(OuterSides.Left) && (change.Present || outer != OuterSides.None)) return;
        Changes.Forward(context, key, Joined(change.Present, change.Value, found, row));
    }

    public void ProcessRight(RecordContext context, K key, Change<VRight> change)
    {
        context.Item.CurrentStep = Name;
        var found = left.TryGet(context.Item, key, out var row);
        if (!found && !outer.HasFlag(OuterSides.Right) && (change.Present || outer != OuterSides.None)) return;
        Changes.Forward(context, key, Joined(found, row, change.Present, change.Value));
    }

    public bool TryGet(WorkItem item, K key, out VOut value)
    {
        var hasLeft = left.TryGet(item, key, out var one);
        var hasRight = right.TryGet(item, key, out var other);
        var joined = Joined(hasLeft, one, hasRight, other);
        value = joined.Value!;
        return joined.Present;
    }

    private Change<VOut> Joined(bool hasLeft, VLeft? one, bool hasRight, VRight? other)
    {
        var present = (hasLeft && hasRight) || (hasLeft && outer.HasFlag(OuterSides.Left)) || (hasRight && outer.HasFlag(OuterSides.Right));
        return present ? new(true, join(hasLeft ? one : default, hasRight ? other : default)) : Change<VOut>.Deleted;
    }
}

internal sealed class ToStreamNode<K, V>(string name) : Node<K, Change<V>>("to-stream", name)
{
    public Port<K, V> Out { get; } = new();
    public override void Process(RecordContext context, K key, Change<V> change)
    {
        if (change.Present) Out.Forward(context, key, change.Value!);
    }
}

internal sealed class TableToTopicNode<K, V>(string topic, ISerde<K> keySerde, ISerde<V> valueSerde) : Node<K, Change<V>>("to", topic)
{
    public override void Process(RecordContext context, K key, Change<V> change)
    {
        var item = context.Item;
        item.CurrentStep = $"to {Name}";
        var raw = keySerde.Serialize(Name, key);
        item.Emit(new OutputRecord(Name, item.Task.OutputPartition(Name, false, raw), context.TimestampMs, raw,
            change.Present ? valueSerde.Serialize(Name, change.Value!) : null, item.Task.Kernel.OutputHeaders(context)));
    }
}
