namespace StreamPlatform.Streams;

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
