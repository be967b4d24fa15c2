namespace StreamPlatform.Streams;

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
