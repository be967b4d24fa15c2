namespace StreamPlatform.Streams;

internal sealed class KStream<K, V>(StreamsBuilder builder, Node owner, Port<K, V> port, bool keyChanged) : IKStream<K, V> where K : notnull
{
    public IKStream<K, V> Merge(IKStream<K, V> other)
    {
        var merge = new MergeNode<K, V>(builder.Unnamed("merge"));
        Attach(merge);
        var second = (KStream<K, V>)other;
        second.Attach(merge, register: false);
        return new KStream<K, V>(builder, merge, merge.Out, keyChanged || second.KeyChanged);
    }

    public IKStream<K, V> Filter(Func<K, V, bool> predicate) => FilterBy((_, key, value) => predicate(key, value));
    public IKStream<K, V> Filter(Func<RecordContext, K, V, bool> predicate) => FilterBy(predicate);

    private KStream<K, V> FilterBy(Func<RecordContext, K, V, bool> predicate)
    {
        var node = Attach(new FilterNode<K, V>(builder.Unnamed("filter"), predicate));
        return Next(node, node.Out);
    }

    public IKStream<K, VOut> MapValues<VOut>(Func<V, VOut> map) => MapValues((_, value) => map(value));

    public IKStream<K, VOut> MapValues<VOut>(Func<RecordContext, V, VOut> map)
    {
        var node = Attach(new MapNode<K, V, VOut>(builder.Unnamed("map"), map));
        return Next(node, node.Out);
    }

    public IKStream<K, VOut> FlatMapValues<VOut>(Func<V, IEnumerable<VOut>> map) => FlatMapValues((_, value) => map(value));

    public IKStream<K, VOut> FlatMapValues<VOut>(Func<RecordContext, V, IEnumerable<VOut>> map)
    {
        var node = Attach(new FlatMapNode<K, V, VOut>(builder.Unnamed("flat-map"), map));
        return Next(node, node.Out);
    }

    public IKStream<K, V> Peek(Action<RecordContext, V> action) => MapValues((context, value) =>
    {
        action(context, value);
        return value;
    });

    public IKStream<KOut, V> SelectKey<KOut>(Func<K, V, KOut> key) where KOut : notnull
    {
        var node = Attach(new SelectKeyNode<K, V, KOut>(builder.Unnamed("select-key"), key));
        return new KStream<KOut, V>(builder, node, node.Out, keyChanged: true);
    }

    public IKStream<K, VOut> Join<VTable, VOut>(IKTable<K, VTable> table, Func<V, VTable, VOut> join) =>
        JoinTable<VTable, VOut>(table, inner: true, (_, value, row) => join(value, row!));
    public IKStream<K, VOut> Join<VTable, VOut>(IKTable<K, VTable> table, Func<RecordContext, V, VTable, VOut> join) =>
        JoinTable<VTable, VOut>(table, inner: true, (context, value, row) => join(context, value, row!));
    public IKStream<K, VOut> LeftJoin<VTable, VOut>(IKTable<K, VTable> table, Func<V, VTable?, VOut> join) =>
        JoinTable<VTable, VOut>(table, inner: false, (_, value, row) => join(value, row));
    public IKStream<K, VOut> LeftJoin<VTable, VOut>(IKTable<K, VTable> table, Func<RecordContext, V, VTable?, VOut> join) =>
        JoinTable(table, inner: false, join);

    private KStream<K, VOut> JoinTable<VTable, VOut>(IKTable<K, VTable> table, bool inner, Func<RecordContext, V, VTable?, VOut> join)
    {
        NeedsOwnKey($"a join with table {table.Name}");
        var source = ((KTable<K, VTable>)table).Node;
        var node = Attach(new TableJoinNode<K, V, VTable, VOut>(builder.Unnamed(inner ? "join" : "left-join"), source, inner, join));
        Node.Link(source.Self, node);
        return Next(node, node.Out);
    }

    public IKStream<K, VOut> Join<VOther, VOut>(IKStream<K, VOther> other, string store, ISerde<V> serde, ISerde<VOther> otherSerde, JoinWindows windows, Func<V, VOther, VOut> join) =>
        JoinStream(other, store, serde, otherSerde, windows, OuterSides.None, (_, left, right) => join(left!, right!));
    public IKStream<K, VOut> LeftJoin<VOther, VOut>(IKStream<K, VOther> other, string store, ISerde<V> serde, ISerde<VOther> otherSerde, JoinWindows windows, Func<V, VOther?, VOut> join) =>
        JoinStream(other, store, serde, otherSerde, windows, OuterSides.Left, (_, left, right) => join(left!, right));
    public IKStream<K, VOut> OuterJoin<VOther, VOut>(IKStream<K, VOther> other, string store, ISerde<V> serde, ISerde<VOther> otherSerde, JoinWindows windows, Func<V?, VOther?, VOut> join) =>
        JoinStream(other, store, serde, otherSerde, windows, OuterSides.Left | OuterSides.Right, (_, left, right) => join(left, right));

    private KStream<K, VOut> JoinStream<VOther, VOut>(IKStream<K, VOther> other, string store, ISerde<V> serde, ISerde<VOther> otherSerde,
        JoinWindows windows, OuterSides outer, Func<RecordContext, V?, VOther?, VOut> join)
    {
        NeedsTextKey(store);
        var right = (KStream<K, VOther>)other;
        right.NeedsTextKey(store);
        var node = Attach(new StreamJoinNode<K, V, VOther, VOut>(builder.Unique(store), serde, otherSerde, windows, outer, join));
        var side = right.Attach(new RightSide<K, VOther>(builder.Unnamed("right-side"), node.ProcessRight));
        Node.Link(side, node);
        return Next(node, node.Out);
    }

    public IKTable<K, V> ToTable(string store, ISerde<V> valueSerde)
    {
        NeedsTextKey(store);
        return new KTable<K, V>(builder, Attach(new TableStoreNode<K, V>(builder.Unique(store), valueSerde)));
    }

    public IKStream<K, V> Suppress(string store, ISerde<V> valueSerde, Suppressed suppressed, Func<V, string>? part = null)
    {
        NeedsTextKey(store);
        var node = Attach(new SuppressNode<K, V>(builder.Unique(store), valueSerde, suppressed, part ?? (_ => "")));
        return Next(node, node.Out);
    }

    public IKStream<K, V> Ordered(Ordering ordering)
    {
        owner.Ordering = owner.Ordering is null || owner.Ordering == ordering ? ordering
            : throw new StreamsConfigurationException($"'{owner.Name}' is asked for two orderings, {owner.Ordering} and {ordering}");
        return this;
    }

    public IKStream<K, VOut> MapAsync<VOut>(string name, Func<RecordContext, V, CancellationToken, Task<VOut>> map, StepOptions? options = null)
    {
        var node = Attach(new MapAsyncNode<K, V, VOut>(builder.Unique(name), Valid(name, options), map));
        return Next(node, node.Out);
    }

    public IKStream<K, VOut> FlatMapAsync<VOut>(string name, Func<RecordContext, V, CancellationToken, Task<IReadOnlyList<VOut>>> map, StepOptions? options = null)
    {
        var node = Attach(new FlatMapAsyncNode<K, V, VOut>(builder.Unique(name), Valid(name, options), map));
        return Next(node, node.Out);
    }

    public IKStream<K, VOut> Process<TState, VOut>(
        string store, ISerde<TState> stateSerde, Func<IKeyContext<TState>, V, IEnumerable<VOut>> process, IdleTimer<TState, VOut>? idle = null)
    {
        NeedsTextKey(store);
        var node = Attach(new ProcessNode<K, V, TState, VOut>(builder.Unique(store), stateSerde, process, idle));
        return Next(node, node.Out);
    }

    public IKStream<K, VOut> FlatMapWithState<TState, VOut>(string store, ISerde<TState> stateSerde, Func<RecordContext, TState?, V, (TState? State, IReadOnlyList<VOut> Outputs)> step,
        TimeSpan? idleAfter = null, Func<RecordContext, TState, (TState? State, IReadOnlyList<VOut> Outputs)>? onIdle = null)
    {
        if (idleAfter is null != onIdle is null) throw new StreamsConfigurationException($"step '{store}': {nameof(idleAfter)} and {nameof(onIdle)} come together");
        return Process(store, stateSerde, PureStep.Of(step), idleAfter is { } silence ? PureStep.OnIdle(silence, onIdle!) : null);
    }

    public IKStream<K, VOut> FlatMapWithState<TState, VOut>(string store, ISerde<TState> stateSerde, Func<TState?, V, (TState? State, IReadOnlyList<VOut> Outputs)> step) =>
        FlatMapWithState<TState, VOut>(store, stateSerde, (_, state, value) => step(state, value));

    public IKStream<K, V> Repartition(string name, ISerde<K> keySerde, ISerde<V> valueSerde, int? partitions = null, RetryTopics? retry = null)
    {
        if (partitions is { } count) OptionRange.Check($"repartition '{name}': {nameof(partitions)}", count, 1, 10_000);
        var topic = Topology.RepartitionTopicOf(builder.ApplicationId, builder.Unique(name));
        var end = Attach(new RepartitionNode<K, V>(topic, keySerde, valueSerde));
        var source = builder.Source(new StreamSourceNode<K, V>(topic, keySerde, valueSerde) { Internal = new InternalTopic(end, partitions, Purged: true) }, retry);
        end.Next = source;
        return new KStream<K, V>(builder, source, source.Out, keyChanged: false);
    }

    public IKGroupedStream<K, V> GroupByKey() => new KGroupedStream<K, V>(this);

    public IKGroupedStream<K, V> GroupByKey(string name, ISerde<K> keySerde, ISerde<V> valueSerde) =>
        keyChanged ? Repartition(name, keySerde, valueSerde).GroupByKey() : GroupByKey();

    public IReadOnlyList<IKStream<K, V>> Branch(params Func<K, V, bool>[] predicates)
    {
        var node = Attach(new BranchNode<K, V>(builder.Unnamed("branch"), predicates));
        return [.. node.Outs.Select(o => Next(node, o))];
    }

    public (IKStream<K, V> Matching, IKStream<K, V> Others) Split(Func<K, V, bool> predicate)
    {
        var branches = Branch(predicate, (_, _) => true);
        return (branches[0], branches[1]);
    }

    public void To(string topic, ISerde<K> keySerde, ISerde<V> valueSerde)
    {
        if (string.IsNullOrWhiteSpace(topic)) throw new StreamsConfigurationException("an output topic's name is empty");
        Attach(new ToTopicNode<K, V>(topic, keySerde, valueSerde, KeyChanged));
    }

    public void ToSink(string name, Func<IReadOnlyList<SinkRecord<K, V>>, CancellationToken, Task> write, SinkOptions? options = null)
    {
        options ??= new SinkOptions();
        options.Validate(name);
        Attach(new SinkNode<K, V>(builder.Unique(name), options, write));
    }

    private bool KeyChanged => keyChanged;

    internal TNode Attach<TNode>(TNode node, bool register = true) where TNode : Node<K, V>
    {
        if (register) builder.Register(node);
        Node.Link(owner, node);
        port.Add(node);
        return node;
    }

    internal KStream<K, VOut> Next<VOut>(Node node, Port<K, VOut> output) => new(builder, node, output, keyChanged);

    private static StepOptions Valid(string name, StepOptions? options)
    {
        options ??= new StepOptions();
        options.Validate(name);
        return options;
    }

    internal void NeedsOwnKey(string what)
    {
        if (keyChanged) throw new StreamsConfigurationException($"{what} follows SelectKey: call {nameof(Repartition)}(name, keySerde, valueSerde) in between, so that equal keys meet in one partition");
    }

    internal void NeedsTextKey(string store)
    {
        NeedsOwnKey($"store '{store}'");
        if (typeof(K) != typeof(string)) throw new StreamsConfigurationException($"store '{store}': keyed state needs text keys, not {typeof(K).Name}");
    }

    internal string Unique(string name) => builder.Unique(name);
}
