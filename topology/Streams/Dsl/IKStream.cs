namespace StreamPlatform.Streams;

/// <summary>A stream of records under construction. Tombstones (null values) on a stream are skipped.</summary>
public interface IKStream<K, V> where K : notnull
{
    /// <summary>Both streams' records; they become inputs of one sub-topology, so their topics must have equal partition counts.</summary>
    IKStream<K, V> Merge(IKStream<K, V> other);

    IKStream<K, V> Filter(Func<K, V, bool> predicate);
    IKStream<K, V> Filter(Func<RecordContext, K, V, bool> predicate);
    IKStream<K, VOut> MapValues<VOut>(Func<V, VOut> map);
    IKStream<K, VOut> MapValues<VOut>(Func<RecordContext, V, VOut> map);
    IKStream<K, VOut> FlatMapValues<VOut>(Func<V, IEnumerable<VOut>> map);
    IKStream<K, VOut> FlatMapValues<VOut>(Func<RecordContext, V, IEnumerable<VOut>> map);

    /// <summary>A new key. Stateful steps and joins need equal keys in one partition: <see cref="Repartition"/> first.</summary>
    IKStream<KOut, V> SelectKey<KOut>(Func<K, V, KOut> key) where KOut : notnull;

    /// <summary>Calls <paramref name="action"/> for each record and passes it on; for metrics and logs.</summary>
    IKStream<K, V> Peek(Action<RecordContext, V> action);

    /// <summary>Drops records whose key the table lacks.</summary>
    IKStream<K, VOut> Join<VTable, VOut>(IKTable<K, VTable> table, Func<V, VTable, VOut> join);
    IKStream<K, VOut> Join<VTable, VOut>(IKTable<K, VTable> table, Func<RecordContext, V, VTable, VOut> join);

    /// <summary>Gives default where the table lacks the key.</summary>
    IKStream<K, VOut> LeftJoin<VTable, VOut>(IKTable<K, VTable> table, Func<V, VTable?, VOut> join);
    IKStream<K, VOut> LeftJoin<VTable, VOut>(IKTable<K, VTable> table, Func<RecordContext, V, VTable?, VOut> join);

    /// <summary>
    /// Pairs records of equal keys whose timestamps lie within <paramref name="windows"/>; both topics must have equal partition counts.
    /// Both sides are held in the store until their clock has passed; state is bounded by time, not by number.
    /// </summary>
    IKStream<K, VOut> Join<VOther, VOut>(IKStream<K, VOther> other, string store, ISerde<V> serde, ISerde<VOther> otherSerde, JoinWindows windows, Func<V, VOther, VOut> join);
    /// <summary>As Join; a record of this side that met nothing gives its result alone when it is given up.</summary>
    IKStream<K, VOut> LeftJoin<VOther, VOut>(IKStream<K, VOther> other, string store, ISerde<V> serde, ISerde<VOther> otherSerde, JoinWindows windows, Func<V, VOther?, VOut> join);
    /// <summary>As LeftJoin, for both sides.</summary>
    IKStream<K, VOut> OuterJoin<VOther, VOut>(IKStream<K, VOther> other, string store, ISerde<V> serde, ISerde<VOther> otherSerde, JoinWindows windows, Func<V?, VOther?, VOut> join);

    /// <summary>The latest value per key, in a store of its own with a changelog.</summary>
    IKTable<K, V> ToTable(string store, ISerde<V> valueSerde);

    /// <summary>Passes on only the last of several updates of a key. <paramref name="part"/> tells apart what a key holds side by side, such as its windows.</summary>
    IKStream<K, V> Suppress(string store, ISerde<V> valueSerde, Suppressed suppressed, Func<V, string>? part = null);

    /// <summary>The ordering of the whole sub-topology this stream is in, instead of <see cref="StreamsBuilder.Ordering"/>.</summary>
    IKStream<K, V> Ordered(Ordering ordering);

    /// <summary>An asynchronous step on the thread pool. One record of a key at a time, keys run concurrently; calls to the outside are at least once (<see cref="RecordContext.IdempotencyKey"/>).</summary>
    IKStream<K, VOut> MapAsync<VOut>(string name, Func<RecordContext, V, CancellationToken, Task<VOut>> map, StepOptions? options = null);

    /// <summary>As <see cref="MapAsync"/> with any number of outputs, forwarded in order.</summary>
    IKStream<K, VOut> FlatMapAsync<VOut>(string name, Func<RecordContext, V, CancellationToken, Task<IReadOnlyList<VOut>>> map, StepOptions? options = null);

    /// <summary>A step with keyed state (keys must be text). The changelog is <c>app-store-changelog</c>.</summary>
    IKStream<K, VOut> Process<TState, VOut>(string store, ISerde<TState> stateSerde, Func<IKeyContext<TState>, V, IEnumerable<VOut>> process, IdleTimer<TState, VOut>? idle = null);

    /// <summary>
    /// As <see cref="Process"/> for a pure function of the key's one state (default = none yet) and the record: what it returns is the new state (null = none any more, the same object =
    /// unchanged) and the outputs. <paramref name="onIdle"/> does the same after <paramref name="idleAfter"/> of the key's silence, as <see cref="IdleTimer{TState,VOut}"/>, if it has state.
    /// </summary>
    IKStream<K, VOut> FlatMapWithState<TState, VOut>(string store, ISerde<TState> stateSerde, Func<RecordContext, TState?, V, (TState? State, IReadOnlyList<VOut> Outputs)> step,
        TimeSpan? idleAfter = null, Func<RecordContext, TState, (TState? State, IReadOnlyList<VOut> Outputs)>? onIdle = null);
    IKStream<K, VOut> FlatMapWithState<TState, VOut>(string store, ISerde<TState> stateSerde, Func<TState?, V, (TState? State, IReadOnlyList<VOut> Outputs)> step);

    /// <summary>
    /// Sends the records through the topic <c>app-name-repartition</c> (made by the runtime), partitioned by their present key (murmur2), and goes on in a new
    /// sub-topology: equal keys meet in one partition, and a step behind may be asynchronous and stateful anew. Event time and headers are kept; order per new key is that of commit.
    /// </summary>
    /// <param name="partitions">Null = as many as the inputs it is joined with, else as many as where the records come from.</param>
    /// <param name="retry">Where records go that are deferred by the steps behind.</param>
    IKStream<K, V> Repartition(string name, ISerde<K> keySerde, ISerde<V> valueSerde, int? partitions = null, RetryTopics? retry = null);

    /// <summary>Groups by the present key.</summary>
    IKGroupedStream<K, V> GroupByKey();

    /// <summary>Groups by the present key, through <see cref="Repartition"/> of this name if the key was changed.</summary>
    IKGroupedStream<K, V> GroupByKey(string name, ISerde<K> keySerde, ISerde<V> valueSerde);

    /// <summary>One stream per predicate; a record goes to the first that holds, to none if none holds.</summary>
    IReadOnlyList<IKStream<K, V>> Branch(params Func<K, V, bool>[] predicates);

    /// <summary>Those for which <paramref name="predicate"/> holds, and the rest.</summary>
    (IKStream<K, V> Matching, IKStream<K, V> Others) Split(Func<K, V, bool> predicate);

    /// <summary>
    /// Writes to a topic. While the key is the source's own and the topic has as many partitions as the source, a record keeps its partition number,
    /// so co-partitioning survives whatever partitioner wrote the source; else murmur2 of the key bytes, as Java's default.
    /// </summary>
    void To(string topic, ISerde<K> keySerde, ISerde<V> valueSerde);

    /// <summary>Writes batches to the outside, at least once: a record finishes after its write. A batch is in offset order per partition; one write at a time.</summary>
    void ToSink(string name, Func<IReadOnlyList<SinkRecord<K, V>>, CancellationToken, Task> write, SinkOptions? options = null);
}
