namespace StreamPlatform.Streams;

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
