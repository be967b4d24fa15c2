using System.Text;

namespace StreamPlatform.Streams;

/// <summary>
/// The end of a sub-topology whose records go on in another one through a topic of the runtime's own, partitioned by their present key.
/// Event time, all headers of the record and those the steps added go along; with a listener, <c>traceparent</c> names this part's activity.
/// </summary>
internal sealed class RepartitionNode<K, V>(string topic, ISerde<K> keySerde, ISerde<V> valueSerde) : Node<K, V>("repartition", topic), IRepartitionNode
{
    public SourceNode? Next { get; set; }

    public override void Process(RecordContext context, K key, V value)
    {
        var item = context.Item;
        item.CurrentStep = $"repartition {Name}";
        var raw = key is null ? null : keySerde.Serialize(Name, key);
        item.Emit(new OutputRecord(Name, item.Task.OutputPartition(Name, keyChanged: true, raw), context.TimestampMs, raw,
            valueSerde.Serialize(Name, value), Headers(context)));
    }

    private static RecordHeaders Headers(RecordContext context)
    {
        var headers = new RecordHeaders(context.Headers);
        foreach (var header in context.OutputHeaders([], context.Item.Activity?.Id)) headers.Set(header.Key, header.Value);
        return headers;
    }
}
