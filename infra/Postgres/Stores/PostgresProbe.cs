using Npgsql;

namespace StreamPlatform.Postgres.Stores;

/// <summary>Asks PostgreSQL whether it is there, without waiting for something to store: one small statement, for at most 5 s.</summary>
public sealed class PostgresProbe(NpgsqlDataSource database)
{
    private const int TimeoutSeconds = 5;

    /// <summary>Ends when it has answered.</summary>
    /// <exception cref="Streams.TransientException">It does not answer now.</exception>
    public Task ProbeAsync(CancellationToken cancellationToken) => Failures.ClassifyAsync("a question", async () =>
    {
        await using var command = database.CreateCommand("SELECT 1");
        command.CommandTimeout = TimeoutSeconds;
        await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
    });
}
