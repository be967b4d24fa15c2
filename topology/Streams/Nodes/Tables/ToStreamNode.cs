namespace StreamPlatform.Streams;

internal sealed class ToStreamNode<K, V>(string name) : Node<K, Change<V>>("to-stream", name)
{
    public Port<K, V> Out { get; } = new();
    public override void Process(RecordContext context, K key, Change<V> change)
    {
        if (change.Present) Out.Forward(context, key, change.Value!);
    }
}
