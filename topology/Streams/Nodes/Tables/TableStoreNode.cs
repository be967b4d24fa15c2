namespace StreamPlatform.Streams;

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
