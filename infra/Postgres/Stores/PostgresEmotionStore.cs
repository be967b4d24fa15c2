using Npgsql;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Postgres.Stores;

/// <summary>The emotion series in monthly partitions. Every write is one transaction; failures that pass by themselves leave as TransientException.</summary>
public sealed class PostgresEmotionStore(NpgsqlDataSource database) : IEmotionSeriesStore
{
    /// <summary>Name as shown to users.</summary>
    public const string StoreName = "postgres";

    private readonly MonthPartitions _months = new("emotion_observations");
    private readonly AppendingWriter<EmotionObserved> _emotions = new(database, "emotions", Tables.EmotionRows);
    private readonly AppendingWriter<EmotionWindow> _windows = new(database, "emotion windows", Tables.Windows);
    private readonly MonthPartitions _windowMonths = new("emotion_windows");

    public string Name => StoreName;

    public async ValueTask WriteEmotionsAsync(IReadOnlyList<EmotionObserved> batch, CancellationToken cancellationToken)
    {
        await _months.EnsureAsync(database, batch.Select(row => row.CapturedAtMs), cancellationToken).ConfigureAwait(false);
        await _emotions.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask WriteWindowsAsync(IReadOnlyList<EmotionWindow> batch, CancellationToken cancellationToken)
    {
        await _windowMonths.EnsureAsync(database, batch.Select(row => row.StartMs), cancellationToken).ConfigureAwait(false);
        await _windows.WriteAsync(batch, cancellationToken).ConfigureAwait(false);
    }

    public Task DeleteSessionAsync(string sessionId, CancellationToken cancellationToken) =>
        Failures.WriteAsync(database, "a deletion", async connection =>
        {
            foreach (var table in new[] { "emotion_observations", "emotion_windows" })
            {
                await using var command = new NpgsqlCommand($"DELETE FROM {table} WHERE session_id = $1", connection) { Parameters = { new() { Value = sessionId } } };
                await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            }
        }, cancellationToken);
}
