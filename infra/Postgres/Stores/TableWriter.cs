using Npgsql;

namespace StreamPlatform.Postgres.Stores;

/// <summary>
/// Writes batches of rows, each row once however often it comes. <see cref="UpsertAsync"/> is INSERT ... SELECT FROM unnest(arrays) ON CONFLICT DO UPDATE,
/// one statement per 1,000 rows; <see cref="CopyAsync"/> is binary COPY into the table itself, which takes new rows only. Repeated keys
/// inside a batch are resolved here, the last one winning, because PostgreSQL refuses to touch a row twice in one statement.
/// </summary>
internal sealed class TableWriter<T>
{
    private const int RowsPerStatement = 1000;
    private const int BytesPerWrite = 256 * 1024;

    private readonly Column<T>[] _columns;
    private readonly Column<T>[] _keys;
    private readonly string _upsert;
    private readonly string _copy;

    /// <param name="table">Its SQL name.</param>
    /// <param name="onlyIf">Condition under which an existing row is replaced, e.g. when the new one is not older; null = always.</param>
    /// <param name="columns">Every column without a default.</param>
    public TableWriter(string table, string? onlyIf, params Column<T>[] columns)
    {
        _columns = columns;
        _keys = [.. columns.Where(column => column.IsKey)];
        var names = string.Join(", ", columns.Select(column => column.Name));
        var arrays = string.Join(", ", columns.Select((_, index) => $"${index + 1}"));
        var replaced = string.Join(", ", columns.Where(column => !column.IsKey).Select(column => $"{column.Name} = excluded.{column.Name}"));
        var onConflict = replaced.Length == 0 ? "NOTHING" : $"UPDATE SET {replaced}" + (onlyIf is null ? "" : $" WHERE {onlyIf}");
        _upsert = $"INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays}) ON CONFLICT ({string.Join(", ", _keys.Select(key => key.Name))}) DO {onConflict}";
        _copy = $"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)";
    }

    /// <summary>Inserts the rows or replaces those that are there, within the connection's transaction.</summary>
    public async Task UpsertAsync(NpgsqlConnection connection, IReadOnlyList<T> batch, CancellationToken cancellationToken)
    {
        foreach (var rows in LastOfEachKey(batch).Chunk(RowsPerStatement))
        {
            await using var command = new NpgsqlCommand(_upsert, connection);
            foreach (var column in _columns)
            {
                command.Parameters.Add(column.ToParameter(rows));
            }

            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Adds the rows, all or none: COPY outside a transaction is one of its own.</summary>
    /// <returns>Whether they were added; false = at least one is there already.</returns>
    public async Task<bool> CopyAsync(NpgsqlConnection connection, IReadOnlyList<T> batch, CancellationToken cancellationToken)
    {
        var rows = LastOfEachKey(batch);
        try
        {
            await using var copy = await connection.BeginRawBinaryCopyAsync(_copy, cancellationToken).ConfigureAwait(false);
            try
            {
                await SendAsync(copy, rows, cancellationToken).ConfigureAwait(false);
            }
            catch
            {
                // else the copy would end here as if it were whole
                await copy.CancelAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw;
            }
        } // the server's verdict comes with the end of the stream
        catch (PostgresException error) when (error.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            return false;
        }

        return true;
    }

    private async Task SendAsync(NpgsqlRawCopyStream copy, T[] rows, CancellationToken cancellationToken)
    {
        using var buffer = new CopyBuffer();
        buffer.Header();
        foreach (var row in rows)
        {
            buffer.Row(_columns.Length);
            foreach (var column in _columns)
            {
                column.Append(buffer, row);
            }

            if (buffer.Length >= BytesPerWrite)
            {
                await copy.WriteAsync(buffer.Written, cancellationToken).ConfigureAwait(false);
                buffer.Clear();
            }
        }

        buffer.Trailer();
        await copy.WriteAsync(buffer.Written, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Sorted by key, so that two writers of overlapping batches lock rows in the same order and cannot deadlock, and so that neighbours in the index come together.
    /// </summary>
    internal T[] LastOfEachKey(IReadOnlyList<T> batch)
    {
        var order = new int[batch.Count];
        for (var index = 0; index < order.Length; index++)
        {
            order[index] = index;
        }

        Array.Sort(order, (a, b) => CompareKeys(batch[a], batch[b]) is var byKey && byKey != 0 ? byKey : a.CompareTo(b));
        var rows = new T[order.Length];
        var count = 0;
        foreach (var index in order)
        {
            if (count > 0 && CompareKeys(rows[count - 1], batch[index]) == 0)
            {
                count--;
            }

            rows[count++] = batch[index];
        }

        return count == rows.Length ? rows : rows[..count];
    }

    private int CompareKeys(T left, T right)
    {
        foreach (var key in _keys)
        {
            if (key.Compare(left, right) is var compared && compared != 0)
            {
                return compared;
            }
        }

        return 0;
    }
}
