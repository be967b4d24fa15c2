namespace StreamPlatform.Streams;

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
