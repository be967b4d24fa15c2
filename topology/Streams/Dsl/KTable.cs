namespace StreamPlatform.Streams;

internal sealed class KTable<K, V>(TableSourceNode<K, V> source) : IKTable<K, V> where K : notnull
{
    public TableSourceNode<K, V> Source { get; } = source;
    public string Topic => Source.Topic;
}
