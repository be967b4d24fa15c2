namespace StreamPlatform.Streams;

internal sealed class FlatMapNode<K, V, VOut>(string name, Func<RecordContext, V, IEnumerable<VOut>> map) : Node<K, V>("flat-map", name)
{
    public Port<K, VOut> Out { get; } = new();
    public override void Process(RecordContext context, K key, V value)
    {
        context.Item.CurrentStep = Name;
        foreach (var output in map(context, value)) Out.Forward(context, key, output);
    }
}
