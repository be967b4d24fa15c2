namespace StreamPlatform.Streams;

internal sealed class MapNode<K, V, VOut>(string name, Func<RecordContext, V, VOut> map) : Node<K, V>("map", name)
{
    public Port<K, VOut> Out { get; } = new();
    public override void Process(RecordContext context, K key, V value)
    {
        context.Item.CurrentStep = Name;
        Out.Forward(context, key, map(context, value));
    }
}
