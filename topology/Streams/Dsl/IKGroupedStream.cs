namespace StreamPlatform.Streams;

/// <summary>A stream grouped by its key.</summary>
public interface IKGroupedStream<K, V> where K : notnull
{
    IWindowedStream<K, V> WindowedBy(TimeWindows windows);
    ISessionWindowedStream<K, V> WindowedBy(SessionWindows windows);

    /// <summary>A running aggregate per key, emitted at every record.</summary>
    IKStream<K, TAcc> Aggregate<TAcc>(string store, ISerde<TAcc> accSerde, Func<string, TAcc> init, Func<TAcc, V, RecordContext, TAcc> add);

    /// <summary>The number of records per key so far, emitted at every record.</summary>
    IKStream<K, long> Count(string store);
}

/// <summary>A grouped stream cut into windows of fixed size.</summary>
public interface IWindowedStream<K, V> where K : notnull
{
    /// <summary>
    /// Emits once per key and window, when it closes, with the window's last millisecond as timestamp (or at every record, with <see cref="EmitStrategy.OnWindowUpdate"/>).
    /// Records for a closed window are dropped and counted as late.
    /// </summary>
    IKStream<K, VOut> Aggregate<TAcc, VOut>(string store, ISerde<TAcc> accSerde, Func<string, TimeWindow, TAcc> init,
        Func<TAcc, V, RecordContext, TAcc> add, Func<string, TimeWindow, TAcc, VOut> close);
}

/// <summary>A grouped stream cut into sessions.</summary>
public interface ISessionWindowedStream<K, V> where K : notnull
{
    /// <summary>As <see cref="IWindowedStream{K,V}.Aggregate"/>; <paramref name="merge"/> joins the accumulators of two sessions, the earlier one first, when a record comes to lie between them.</summary>
    IKStream<K, VOut> Aggregate<TAcc, VOut>(string store, ISerde<TAcc> accSerde, Func<string, TAcc> init,
        Func<TAcc, V, RecordContext, TAcc> add, Func<string, TAcc, TAcc, TAcc> merge, Func<string, TimeWindow, TAcc, VOut> close);
}
