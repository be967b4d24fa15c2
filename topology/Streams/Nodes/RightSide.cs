namespace StreamPlatform.Streams;

/// <summary>The right side of a stream-stream join.</summary>
internal sealed class RightSide<K, V>(string name, Action<RecordContext, K, V> process) : Node<K, V>("join-side", name)
{
    public override void Process(RecordContext context, K key, V value) => process(context, key, value);
}
