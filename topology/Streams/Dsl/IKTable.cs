namespace StreamPlatform.Streams;

/// <summary>
/// The latest value of each key: of a compacted topic (<see cref="StreamsBuilder.Table"/>, read to its end before streams joined with it start), of a stream
/// (<see cref="IKStream{K,V}.ToTable"/>, kept in a store), or of other tables (computed when asked, kept nowhere).
/// </summary>
public interface IKTable<K, V> where K : notnull
{
    /// <summary>The topic, the store, or what it was made from.</summary>
    string Name { get; }

    /// <summary>Rows that do not pass are absent, and a row that ceases to pass is deleted downstream.</summary>
    IKTable<K, V> Filter(Func<K, V, bool> predicate);

    /// <summary>Computed at every change and every look-up: keep it pure and cheap.</summary>
    IKTable<K, VOut> MapValues<VOut>(Func<V, VOut> map);

    /// <summary>Rows that both tables have. A change of either side gives the joined row anew; there is no window and no extra state.</summary>
    IKTable<K, VOut> Join<VOther, VOut>(IKTable<K, VOther> other, Func<V, VOther, VOut> join);
    /// <summary>Rows of this table; default where the other lacks the key.</summary>
    IKTable<K, VOut> LeftJoin<VOther, VOut>(IKTable<K, VOther> other, Func<V, VOther?, VOut> join);
    /// <summary>Rows that either table has.</summary>
    IKTable<K, VOut> OuterJoin<VOther, VOut>(IKTable<K, VOther> other, Func<V?, VOther?, VOut> join);

    /// <summary>The changes as a stream; deletions are skipped, as streams skip tombstones.</summary>
    IKStream<K, V> ToStream();

    /// <summary>Writes the changes to a topic, deletions as tombstones.</summary>
    void To(string topic, ISerde<K> keySerde, ISerde<V> valueSerde);
}
