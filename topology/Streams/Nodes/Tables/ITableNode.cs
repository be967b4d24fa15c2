namespace StreamPlatform.Streams;

/// <summary>A node whose rows can be looked up and whose changes can be followed.</summary>
internal interface ITableNode<K, V>
{
    Node Self { get; }
    Port<K, Change<V>> Changes { get; }
    /// <summary>A missing row may still come through a topic that is being read.</summary>
    bool FromTopic { get; }
    /// <summary>As the record at hand sees it, its own changes included.</summary>
    bool TryGet(WorkItem item, K key, out V value);
}
