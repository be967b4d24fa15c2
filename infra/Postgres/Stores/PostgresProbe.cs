using Npgsql;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Postgres.Stores;

/// <summary>One small statement, for at most 5 s.</summary>
public sealed class PostgresProbe(NpgsqlDataSource database) : IStoreProbe
{
    private const int TimeoutSeconds = 5;

    public Task ProbeAsync(CancellationToken cancellationToken) => Failures.ClassifyAsync("a question", async () =>
    {
        await using var command = database.CreateCommand("SELECT 1");
        command.CommandTimeout = TimeoutSeconds;
        await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
    });
}
