namespace StreamPlatform.Streams;

internal sealed class FilterNode<K, V>(string name, Func<RecordContext, K, V, bool> predicate) : Node<K, V>("filter", name)
{
    public Port<K, V> Out { get; } = new();
    public override void Process(RecordContext context, K key, V value)
    {
        context.Item.CurrentStep = Name;
        if (predicate(context, key, value)) Out.Forward(context, key, value);
    }
}
