namespace StreamPlatform.Streams;

/// <summary>A grouped stream cut into sessions.</summary>
public interface ISessionWindowedStream<K, V> where K : notnull
{
    /// <summary>As <see cref="IWindowedStream{K,V}.Aggregate"/>; <paramref name="merge"/> joins the accumulators of two sessions, the earlier one first, when a record comes to lie between them.</summary>
    IKStream<K, VOut> Aggregate<TAcc, VOut>(string store, ISerde<TAcc> accSerde, Func<string, TAcc> init,
        Func<TAcc, V, RecordContext, TAcc> add, Func<string, TAcc, TAcc, TAcc> merge, Func<string, TimeWindow, TAcc, VOut> close);
}
