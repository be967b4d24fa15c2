namespace StreamPlatform.Streams;

internal sealed class KTable<K, V>(StreamsBuilder builder, ITableNode<K, V> node) : IKTable<K, V> where K : notnull
{
    public ITableNode<K, V> Node { get; } = node;
    public string Name => Node.Self.Name;

    public IKTable<K, V> Filter(Func<K, V, bool> predicate) =>
        new KTable<K, V>(builder, Attach(new TableFilterNode<K, V>(builder.Unnamed("table-filter"), Node, predicate)));

    public IKTable<K, VOut> MapValues<VOut>(Func<V, VOut> map) =>
        new KTable<K, VOut>(builder, Attach(new TableMapNode<K, V, VOut>(builder.Unnamed("table-map"), Node, map)));

    public IKTable<K, VOut> Join<VOther, VOut>(IKTable<K, VOther> other, Func<V, VOther, VOut> join) =>
        JoinTable<VOther, VOut>(other, OuterSides.None, (left, right) => join(left!, right!));
    public IKTable<K, VOut> LeftJoin<VOther, VOut>(IKTable<K, VOther> other, Func<V, VOther?, VOut> join) =>
        JoinTable<VOther, VOut>(other, OuterSides.Left, (left, right) => join(left!, right));
    public IKTable<K, VOut> OuterJoin<VOther, VOut>(IKTable<K, VOther> other, Func<V?, VOther?, VOut> join) =>
        JoinTable(other, OuterSides.Left | OuterSides.Right, join);

    private KTable<K, VOut> JoinTable<VOther, VOut>(IKTable<K, VOther> other, OuterSides outer, Func<V?, VOther?, VOut> join)
    {
        var right = ((KTable<K, VOther>)other).Node;
        var joined = Attach(new TableTableJoinNode<K, V, VOther, VOut>(builder.Unnamed("table-join"), Node, right, outer, join));
        var side = builder.Register(new RightSide<K, Change<VOther>>($"{right.Self.Name} into {joined.Name}", joined.ProcessRight));
        Link(right, side);
        Streams.Node.Link(side, joined);
        return new KTable<K, VOut>(builder, joined);
    }

    public IKStream<K, V> ToStream()
    {
        var stream = Attach(new ToStreamNode<K, V>(builder.Unnamed("to-stream")));
        return new KStream<K, V>(builder, stream, stream.Out, keyChanged: false);
    }

    public void To(string topic, ISerde<K> keySerde, ISerde<V> valueSerde)
    {
        if (string.IsNullOrWhiteSpace(topic)) throw new StreamsConfigurationException("an output topic's name is empty");
        Attach(new TableToTopicNode<K, V>(topic, keySerde, valueSerde));
    }

    private TNode Attach<TNode>(TNode child) where TNode : Node<K, Change<V>>
    {
        Link(Node, builder.Register(child));
        return child;
    }

    private static void Link<VTable>(ITableNode<K, VTable> table, Node<K, Change<VTable>> child)
    {
        Streams.Node.Link(table.Self, child);
        table.Changes.Add(child);
    }
}
