using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Topology.Ports;

/// <summary>Emotion time series, one row per analysed frame. Writes are idempotent by (session, sequence) and (session, window start).</summary>
public interface IEmotionSeriesStore
{
    /// <summary>Name as shown to users: "postgres" or "cassandra".</summary>
    string Name { get; }

    ValueTask WriteEmotionsAsync(IReadOnlyList<EmotionObserved> batch, CancellationToken cancellationToken);

    ValueTask WriteWindowsAsync(IReadOnlyList<EmotionWindow> batch, CancellationToken cancellationToken);
}
