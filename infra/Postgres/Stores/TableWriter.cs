using Npgsql;
using NpgsqlTypes;

namespace StreamPlatform.Postgres.Stores;

/// <summary>A column: its SQL name and type, and where its value comes from.</summary>
/// <param name="IsKey">Part of the conflict key.</param>
internal sealed record Column<T>(string Name, NpgsqlDbType Type, Func<T, object?> Value, bool IsKey = false);

/// <summary>
/// Writes a batch with one statement per 1,000 rows: INSERT ... SELECT FROM unnest(arrays) ON CONFLICT DO UPDATE. Repeated keys inside
/// a batch are resolved here, the last one winning, because PostgreSQL refuses to touch a row twice in one statement.
/// </summary>
internal sealed class TableWriter<T>
{
    private const int RowsPerStatement = 1000;

    private readonly Column<T>[] _columns;
    private readonly Column<T>[] _keys;
    private readonly string _sql;

    /// <param name="onlyIf">Condition under which an existing row is replaced, e.g. when the new one is not older; null = always.</param>
    public TableWriter(string table, string? onlyIf, params Column<T>[] columns)
    {
        _columns = columns;
        _keys = [.. columns.Where(column => column.IsKey)];
        var names = string.Join(", ", columns.Select(column => column.Name));
        var arrays = string.Join(", ", columns.Select((_, index) => $"${index + 1}"));
        var replaced = string.Join(", ", columns.Where(column => !column.IsKey).Select(column => $"{column.Name} = excluded.{column.Name}"));
        var onConflict = replaced.Length == 0 ? "NOTHING" : $"UPDATE SET {replaced}" + (onlyIf is null ? "" : $" WHERE {onlyIf}");
        _sql = $"INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays}) ON CONFLICT ({string.Join(", ", _keys.Select(key => key.Name))}) DO {onConflict}";
    }

    public async Task WriteAsync(NpgsqlConnection connection, IReadOnlyList<T> batch, CancellationToken cancellationToken)
    {
        foreach (var rows in LastOfEachKey(batch).Chunk(RowsPerStatement))
        {
            await using var command = new NpgsqlCommand(_sql, connection);
            foreach (var column in _columns)
            {
                command.Parameters.Add(new NpgsqlParameter { Value = ToArray(column, rows), NpgsqlDbType = NpgsqlDbType.Array | column.Type });
            }

            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // Sorted by key, so that two writers of overlapping batches lock rows in the same order and cannot deadlock.
    private IEnumerable<T> LastOfEachKey(IReadOnlyList<T> batch)
    {
        var last = new SortedDictionary<string, T>(StringComparer.Ordinal);
        foreach (var row in batch)
        {
            last[string.Join('\u0001', _keys.Select(key => key.Value(row) is DateTime time ? time.Ticks : key.Value(row)))] = row;
        }

        return last.Values;
    }

    private static Array ToArray(Column<T> column, T[] rows) => column.Type switch
    {
        NpgsqlDbType.Text => Array.ConvertAll(rows, row => Storable((string?)column.Value(row))),
        NpgsqlDbType.Jsonb => Array.ConvertAll(rows, row => (string?)column.Value(row)),
        NpgsqlDbType.Integer => Array.ConvertAll(rows, row => (int?)column.Value(row)),
        NpgsqlDbType.Bigint => Array.ConvertAll(rows, row => (long?)column.Value(row)),
        NpgsqlDbType.Real => Array.ConvertAll(rows, row => (float?)column.Value(row)),
        NpgsqlDbType.Boolean => Array.ConvertAll(rows, row => (bool?)column.Value(row)),
        NpgsqlDbType.TimestampTz => Array.ConvertAll(rows, row => (DateTime?)column.Value(row)),
        _ => throw new NotSupportedException($"column {column.Name} has type {column.Type}, which TableWriter does not write"),
    };

    // PostgreSQL's text holds every character but U+0000.
    private static string? Storable(string? text) => text?.Replace('\0', '\uFFFD');
}
