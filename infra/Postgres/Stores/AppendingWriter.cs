using Npgsql;

namespace StreamPlatform.Postgres.Stores;

/// <summary>
/// Writes a table whose rows are nearly always new: by COPY, and where a row of the batch turns out to be there (a batch that comes again
/// after a crash), by upsert. After such a batch the next few are upserted at once, for what follows a repeated batch is mostly repeated too.
/// </summary>
internal sealed class AppendingWriter<T>(NpgsqlDataSource database, string what, TableWriter<T> table)
{
    private const int UpsertsAfterConflict = 8;

    private int _upsertsLeft;

    /// <summary>One transaction. A failure that passes by itself leaves as TransientException; what was written by then is written again by the next attempt.</summary>
    public async Task WriteAsync(IReadOnlyList<T> batch, CancellationToken cancellationToken)
    {
        if (batch.Count == 0 || (Interlocked.Decrement(ref _upsertsLeft) < 0 && await TryCopyAsync(batch, cancellationToken).ConfigureAwait(false)))
        {
            return;
        }

        await Failures.WriteAsync(database, what, connection => table.UpsertAsync(connection, batch, cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    private async Task<bool> TryCopyAsync(IReadOnlyList<T> batch, CancellationToken cancellationToken)
    {
        var added = false;
        await Failures.ClassifyAsync(what, async () =>
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            added = await table.CopyAsync(connection, batch, cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
        Volatile.Write(ref _upsertsLeft, added ? 0 : UpsertsAfterConflict);
        return added;
    }
}
