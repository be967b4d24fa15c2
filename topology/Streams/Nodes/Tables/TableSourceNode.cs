namespace StreamPlatform.Streams;

/// <summary>A table's topic: its records change the task's copy; with followers they are inputs like a stream's, each processed once.</summary>
internal sealed class TableSourceNode<K, V>(string topic, ISerde<K> keySerde, ISerde<V> valueSerde) : SourceNode("table", topic), ITableRestorer, ITableNode<K, V> where K : notnull
{
    public override bool IsTable => true;
    public override bool IsPassive => !Changes.HasTargets;
    public Node Self => this;
    public Port<K, Change<V>> Changes { get; } = new();
    public bool FromTopic => true;
    public override bool HasTaskState => true;
    public override object CreateState(StreamTask task) => new Dictionary<K, V>();

    public override void Prepare(WorkItem item)
    {
        if (item.Record!.Key is not { } raw) throw new PoisonException($"a record without key on the table topic {Topic}");
        var key = Read(keySerde, Topic, raw, "key");
        item.Key = key;
        item.LockKey = LockKeyOf(key, raw);
    }

    public override void Deliver(WorkItem item)
    {
        item.CurrentStep = Topic;
        var table = (Dictionary<K, V>)item.Task.State[StateIndex]!;
        var key = (K)item.Key!;
        var news = item.Record!.Offset >= item.Input!.RowsEnd; // else the rows know it, or a later one: they never go back
        if (item.Record.Value is not { } raw)
        {
            if (news) table.Remove(key);
            Changes.Forward(item.Context, key, Change<V>.Deleted);
            return;
        }
        var value = Read(valueSerde, Topic, raw, "value");
        if (news) table[key] = value;
        Changes.Forward(item.Context, key, new(true, value));
    }

    public void Restore(StreamTask task, ConsumedRecord record)
    {
        if (record.Key is null) throw new PoisonException($"a record without key on the table topic {Topic}");
        var table = (Dictionary<K, V>)task.State[StateIndex]!;
        var key = Read(keySerde, Topic, record.Key, "key");
        if (record.Value is null) table.Remove(key);
        else table[key] = Read(valueSerde, Topic, record.Value, "value");
    }

    public bool TryGet(WorkItem item, K key, out V value) => ((Dictionary<K, V>)item.Task.State[StateIndex]!).TryGetValue(key, out value!);
}
