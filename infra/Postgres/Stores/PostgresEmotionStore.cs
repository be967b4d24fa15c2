using Npgsql;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Postgres.Stores;

/// <summary>The emotion series in monthly partitions. Every method is one transaction; failures that pass by themselves leave as TransientException.</summary>
public sealed class PostgresEmotionStore(NpgsqlDataSource database) : IEmotionSeriesStore
{
    private readonly MonthPartitions _months = new("emotion_observations");
    private readonly AppendingWriter<EmotionObserved> _emotions = new(database, "emotions", Tables.EmotionRows);
    private readonly AppendingWriter<EmotionWindow> _windows = new(database, "emotion windows", Tables.Windows);

    public string Name => "postgres";

    public async ValueTask WriteEmotionsAsync(IReadOnlyList<EmotionObserved> batch, CancellationToken cancellationToken)
    {
        await _months.EnsureAsync(database, batch.Select(row => row.CapturedAtMs), cancellationToken).ConfigureAwait(false);
        await _emotions.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask WriteWindowsAsync(IReadOnlyList<EmotionWindow> batch, CancellationToken cancellationToken) =>
        await _windows.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
}
