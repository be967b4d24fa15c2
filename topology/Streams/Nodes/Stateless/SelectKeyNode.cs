namespace StreamPlatform.Streams;

internal sealed class SelectKeyNode<K, V, KOut>(string name, Func<K, V, KOut> select) : Node<K, V>("select-key", name)
{
    public Port<KOut, V> Out { get; } = new();
    public override void Process(RecordContext context, K key, V value)
    {
        context.Item.CurrentStep = Name;
        Out.Forward(context, select(key, value), value);
    }
}
