namespace StreamPlatform.Streams;

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
