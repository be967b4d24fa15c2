namespace StreamPlatform.Streams;

/// <summary>The output side of a node: hands a value to every child, in order of declaration.</summary>
internal sealed class Port<K, V>
{
    private Node<K, V>[] targets = [];

    public bool HasTargets => targets.Length > 0;

    public void Add(Node<K, V> target) => targets = [.. targets, target];

    public void Forward(RecordContext context, K key, V value)
    {
        foreach (var target in targets) target.Process(context, key, value);
    }
}
