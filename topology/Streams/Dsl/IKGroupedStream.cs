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
