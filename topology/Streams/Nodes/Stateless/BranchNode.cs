namespace StreamPlatform.Streams;

internal sealed class BranchNode<K, V>(string name, Func<K, V, bool>[] predicates) : Node<K, V>("branch", name)
{
    public Port<K, V>[] Outs { get; } = [.. predicates.Select(_ => new Port<K, V>())];
    public override void Process(RecordContext context, K key, V value)
    {
        context.Item.CurrentStep = Name;
        for (var i = 0; i < predicates.Length; i++)
        {
            if (!predicates[i](key, value)) continue;
            Outs[i].Forward(context, key, value);
            return;
        }
    }
}
