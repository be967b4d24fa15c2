namespace StreamPlatform.Streams;

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
