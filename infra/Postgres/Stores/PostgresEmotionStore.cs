using Npgsql;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Postgres.Stores;

/// <summary>The emotion series in monthly partitions. Every method is one transaction; failures that pass by themselves leave as TransientException.</summary>
public sealed class PostgresEmotionStore(NpgsqlDataSource database) : IEmotionSeriesStore
{
    private readonly MonthPartitions _months = new("emotion_observations");

    public string Name => "postgres";

    public async ValueTask WriteEmotionsAsync(IReadOnlyList<EmotionObserved> batch, CancellationToken cancellationToken)
    {
        if (batch.Count > 0)
        {
            await _months.EnsureAsync(database, batch.Select(row => row.CapturedAtMs), cancellationToken).ConfigureAwait(false);
            await Failures.WriteAsync(database, "emotions", connection => Tables.EmotionRows.WriteAsync(connection, batch, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
    }

    public async ValueTask WriteWindowsAsync(IReadOnlyList<EmotionWindow> batch, CancellationToken cancellationToken)
    {
        if (batch.Count > 0)
        {
            await Failures.WriteAsync(database, "emotion windows", connection => Tables.Windows.WriteAsync(connection, batch, cancellationToken), cancellationToken).ConfigureAwait(false);
        }
    }
}
