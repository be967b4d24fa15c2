namespace StreamPlatform.Streams;

/// <summary>An input topic of a sub-topology.</summary>
internal abstract class SourceNode(string kind, string topic) : Node(kind, topic)
{
    public string Topic => Name;
    public abstract bool IsTable { get; }
    /// <summary>A table that is only looked up: its records cause nothing, so it needs no progress and starts at its end.</summary>
    public virtual bool IsPassive => false;
    /// <summary>Set for topics that the runtime creates itself.</summary>
    public InternalTopic? Internal { get; init; }
    /// <summary>Where its deferred records go; null = nowhere.</summary>
    public virtual RetryNode? Retry { get; set; }

    /// <summary>Deserialises the key and derives the lock key. Throws what the serde throws.</summary>
    public abstract void Prepare(WorkItem item);
    public abstract void Deliver(WorkItem item);

    /// <summary>The exception of a serde as poison, whatever the serde threw.</summary>
    protected static T Read<T>(ISerde<T> serde, string topic, byte[] bytes, string part)
    {
        try { return serde.Deserialize(topic, bytes); }
        catch (Exception e) when (e is not SerializationException)
        {
            throw new SerializationException($"the {part} of a record on {topic} is malformed: {e.Message}", e);
        }
    }

    protected static string LockKeyOf<K>(K key, byte[] raw) => key as string ?? System.Text.Encoding.Latin1.GetString(raw);
}

internal sealed class StreamSourceNode<K, V>(string topic, ISerde<K> keySerde, ISerde<V> valueSerde) : SourceNode("stream", topic)
{
    public Port<K, V> Out { get; } = new();
    public override bool IsTable => false;

    public override void Prepare(WorkItem item)
    {
        if (item.Record!.Key is not { } raw) return;
        var key = Read(keySerde, Topic, raw, "key");
        item.Key = key;
        item.LockKey = LockKeyOf(key, raw);
    }

    public override void Deliver(WorkItem item)
    {
        if (item.Record!.Value is not { } raw) return;
        item.CurrentStep = Topic;
        var value = Read(valueSerde, Topic, raw, "value");
        Out.Forward(item.Context, item.Key is K key ? key : default!, value);
    }
}

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

internal interface ITableRestorer
{
    void Restore(StreamTask task, ConsumedRecord record);
}
