namespace StreamPlatform.Streams;

internal sealed class KGroupedStream<K, V>(KStream<K, V> stream) : IKGroupedStream<K, V> where K : notnull
{
    public IWindowedStream<K, V> WindowedBy(TimeWindows windows) => new Windowed(stream, windows);
    public ISessionWindowedStream<K, V> WindowedBy(SessionWindows windows) => new Sessions(stream, windows);

    public IKStream<K, TAcc> Aggregate<TAcc>(string store, ISerde<TAcc> accSerde, Func<string, TAcc> init, Func<TAcc, V, RecordContext, TAcc> add) =>
        stream.Process<TAcc, TAcc>(store, accSerde, (state, value) =>
        {
            var acc = add(state.TryGet(out var present) ? present : init(state.Key), value, state.Record);
            state.Put(acc);
            return [acc];
        });

    public IKStream<K, long> Count(string store) => Aggregate(store, Serdes.Int64, _ => 0L, (count, _, _) => count + 1);

    private sealed class Windowed(KStream<K, V> stream, TimeWindows windows) : IWindowedStream<K, V>
    {
        public IKStream<K, VOut> Aggregate<TAcc, VOut>(string store, ISerde<TAcc> accSerde, Func<string, TimeWindow, TAcc> init,
            Func<TAcc, V, RecordContext, TAcc> add, Func<string, TimeWindow, TAcc, VOut> close)
        {
            stream.NeedsTextKey(store);
            var node = stream.Attach(new TimeWindowNode<K, V, TAcc, VOut>(stream.Unique(store), accSerde, windows, init, add, close));
            return stream.Next(node, node.Out);
        }
    }

    private sealed class Sessions(KStream<K, V> stream, SessionWindows windows) : ISessionWindowedStream<K, V>
    {
        public IKStream<K, VOut> Aggregate<TAcc, VOut>(string store, ISerde<TAcc> accSerde, Func<string, TAcc> init,
            Func<TAcc, V, RecordContext, TAcc> add, Func<string, TAcc, TAcc, TAcc> merge, Func<string, TimeWindow, TAcc, VOut> close)
        {
            stream.NeedsTextKey(store);
            var node = stream.Attach(new SessionWindowNode<K, V, TAcc, VOut>(stream.Unique(store), accSerde, windows, init, add, merge, close));
            return stream.Next(node, node.Out);
        }
    }
}
