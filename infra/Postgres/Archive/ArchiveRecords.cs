using Npgsql;

namespace StreamPlatform.Postgres.Archive;

/// <summary>Reads and writes archived_partitions.</summary>
internal static class ArchiveRecords
{
    private const string Columns = "SELECT name, part, parent, range_from, range_to, state, columns, rows, object_key, bytes, sha256 FROM archived_partitions ";

    public static async Task<List<ArchivedPartition>> ReadAsync(NpgsqlConnection connection, string where, CancellationToken cancellationToken, params object[] values)
    {
        var found = new List<ArchivedPartition>();
        await using var command = new NpgsqlCommand(Columns + where + " ORDER BY name, part", connection);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        await using var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            found.Add(new(
                row.GetString(0), row.GetInt32(1), row.GetString(2), row.GetDateTime(3), row.GetDateTime(4), row.GetString(5), row.GetFieldValue<string[]>(6), row.GetInt64(7),
                row.GetString(8), row.GetInt64(9), row.GetString(10)));
        }

        return found;
    }

    public static Task AddAsync(NpgsqlConnection connection, ArchivedPartition p, CancellationToken cancellationToken) => ExecuteAsync(
        connection, "INSERT INTO archived_partitions (name, part, parent, range_from, range_to, state, columns) VALUES ($1, $2, $3, $4, $5, $6, $7)", cancellationToken,
        p.Name, p.Part, p.Parent, p.From, p.To, p.State, p.Columns.ToArray());

    public static Task SetAsync(NpgsqlConnection connection, ArchivedPartition p, CancellationToken cancellationToken) => ExecuteAsync(
        connection, "UPDATE archived_partitions SET state = $3, rows = $4, object_key = $5, bytes = $6, sha256 = $7, changed_at = now() WHERE name = $1 AND part = $2", cancellationToken,
        p.Name, p.Part, p.State, p.Rows, p.Key, p.Bytes, p.Sha256);

    public static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
