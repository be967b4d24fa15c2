namespace StreamPlatform.Streams;

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
