namespace StreamPlatform.Streams;

internal sealed class MergeNode<K, V>(string name) : Node<K, V>("merge", name)
{
    public Port<K, V> Out { get; } = new();
    public override void Process(RecordContext context, K key, V value) => Out.Forward(context, key, value);
}
