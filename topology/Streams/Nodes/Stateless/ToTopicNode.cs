namespace StreamPlatform.Streams;

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
