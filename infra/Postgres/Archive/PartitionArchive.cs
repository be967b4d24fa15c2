using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;
using StreamPlatform.Postgres.Migrations;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Postgres.Archive;

/// <summary>
/// Moves old months to the object store and back. Each step is recorded before the next begins: detach, copy out, read back and compare, drop.
/// A run that was interrupted anywhere is finished by the next one; until a month's object has been read back, its table is there.
/// </summary>
/// <remarks>
/// The table is detached by a short lock asked for again and again, not CONCURRENTLY, which PostgreSQL refuses beside a default partition.
/// </remarks>
public sealed class PartitionArchive(NpgsqlDataSource database, IObjectStore objects, ILoggerFactory loggers, TimeProvider time)
{
    // runs of several operators take turns
    private const long AdvisoryLock = 0x53544152;

    private readonly ILogger _logger = loggers.CreateLogger<PartitionArchive>();
    private readonly MigrationOptions _bounds = new();

    /// <summary>Called after each step.</summary>
    internal Func<ArchiveStep, Task> AfterStep { get; init; } = _ => Task.CompletedTask;

    /// <summary>Archives every month that ended at or before the given first of a month. Returns what was archived, including what an earlier run had begun.</summary>
    /// <exception cref="PostgresArchiveException">Names what to do.</exception>
    /// <exception cref="IOException">The object store did not take it.</exception>
    public Task<IReadOnlyList<ArchivedPartition>> ArchiveAsync(DateOnly before, CancellationToken cancellationToken) => AloneAsync(async session =>
    {
        var done = await FinishAsync(session, cancellationToken).ConfigureAwait(false);
        foreach (var table in ArchivedTable.All)
        {
            foreach (var name in await MonthsAsync(session, table, before, cancellationToken).ConfigureAwait(false))
            {
                done.Add(await FinishAsync(session, await DetachAsync(session, table, name, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false));
            }
        }

        return done;
    }, cancellationToken);

    /// <summary>Brings every archived part of a month back. Rows that came late for it stay as they are.</summary>
    /// <exception cref="PostgresArchiveException">Names what to do; nothing of the part was changed.</exception>
    /// <exception cref="IOException">The object store cannot be asked.</exception>
    public Task<IReadOnlyList<ArchivedPartition>> RestoreAsync(DateOnly month, CancellationToken cancellationToken) => AloneAsync(async session =>
    {
        await FinishAsync(session, cancellationToken).ConfigureAwait(false);
        var done = new List<ArchivedPartition>();
        // the latest part first: an earlier one adds only what is not there
        var parts = await ArchiveRecords.ReadAsync(session.Connection, "WHERE state = 'archived' AND range_from = $1", cancellationToken, Utc(month)).ConfigureAwait(false);
        foreach (var part in parts.OrderBy(part => part.Parent, StringComparer.Ordinal).ThenByDescending(part => part.Part))
        {
            done.Add(await RestoreAsync(session, part, cancellationToken).ConfigureAwait(false));
        }

        return done;
    }, cancellationToken);

    private async Task<List<ArchivedPartition>> FinishAsync(MigrationConnection session, CancellationToken cancellationToken)
    {
        var done = new List<ArchivedPartition>();
        foreach (var begun in await ArchiveRecords.ReadAsync(session.Connection, "WHERE state IN ('detached', 'stored')", cancellationToken).ConfigureAwait(false))
        {
            done.Add(await FinishAsync(session, begun, cancellationToken).ConfigureAwait(false));
        }

        return done;
    }

    private async Task<ArchivedPartition> DetachAsync(MigrationConnection session, ArchivedTable table, string name, CancellationToken cancellationToken)
    {
        var first = FirstDay(name);
        var columns = await session.NamesAsync("SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum", cancellationToken, table.Name).ConfigureAwait(false);
        var earlier = await ArchiveRecords.ReadAsync(session.Connection, "WHERE name = $1", cancellationToken, name).ConfigureAwait(false);
        var partition = new ArchivedPartition(name, earlier.Count + 1, table.Name, Utc(first), Utc(first.AddMonths(1)), "detached", columns, 0, "", 0, "");
        await session.RetryAsync(name, () => InTransactionAsync(session, async () =>
        {
            // under another name, so that a late row of the month makes a partition of its own
            await session.ExecuteAsync($"ALTER TABLE {table.Name} DETACH PARTITION {name}; ALTER TABLE {name} RENAME TO {partition.Detached}", cancellationToken).ConfigureAwait(false);
            await ArchiveRecords.AddAsync(session.Connection, partition, cancellationToken).ConfigureAwait(false);
        }, cancellationToken), cancellationToken).ConfigureAwait(false);
        await TellAsync(ArchiveStep.Detached, partition).ConfigureAwait(false);
        return partition;
    }

    private async Task<ArchivedPartition> FinishAsync(MigrationConnection session, ArchivedPartition partition, CancellationToken cancellationToken)
    {
        if (partition.State == "detached")
        {
            var rows = await session.ScalarAsync<long>($"SELECT count(*) FROM {partition.Detached}", cancellationToken).ConfigureAwait(false);
            var (stored, sha) = await PartitionCopy.OutAsync(session.Connection, partition.Detached, partition.ColumnList, objects, $"archive/{partition.Parent}/{partition.Name}", cancellationToken).ConfigureAwait(false);
            await AfterStep(ArchiveStep.Copied).ConfigureAwait(false);
            partition = partition with { State = "stored", Rows = rows, Key = stored.Key, Bytes = stored.Bytes, Sha256 = sha };
            await ArchiveRecords.SetAsync(session.Connection, partition, cancellationToken).ConfigureAwait(false);
            await TellAsync(ArchiveStep.Stored, partition).ConfigureAwait(false);
        }

        try
        {
            await PartitionCopy.ReadAsync(objects, partition, null, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresArchiveException)
        {
            // the next run stores it again
            await ArchiveRecords.SetAsync(session.Connection, partition with { State = "detached" }, cancellationToken).ConfigureAwait(false);
            throw;
        }

        await AfterStep(ArchiveStep.Verified).ConfigureAwait(false);
        partition = partition with { State = "archived" };
        await session.RetryAsync(partition.Name, () => InTransactionAsync(session, async () =>
        {
            await ArchiveRecords.SetAsync(session.Connection, partition, cancellationToken).ConfigureAwait(false);
            await session.ExecuteAsync($"DROP TABLE {partition.Detached}", cancellationToken).ConfigureAwait(false);
        }, cancellationToken), cancellationToken).ConfigureAwait(false);
        await TellAsync(ArchiveStep.Dropped, partition).ConfigureAwait(false);
        return partition;
    }

    private async Task<ArchivedPartition> RestoreAsync(MigrationConnection session, ArchivedPartition partition, CancellationToken cancellationToken)
    {
        var table = ArchivedTable.All.Single(table => table.Name == partition.Parent);
        var inMonth = string.Create(CultureInfo.InvariantCulture, $"{table.Time} >= '{partition.From:yyyy-MM-dd} 00:00:00+00' AND {table.Time} < '{partition.To:yyyy-MM-dd} 00:00:00+00'");
        // with indexes and the month's bound, so that attaching it builds and scans nothing under a lock
        await session.ExecuteAsync(
            $"DROP TABLE IF EXISTS {partition.Staging}; CREATE TABLE {partition.Staging} (LIKE {table.Name} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING INDEXES, CONSTRAINT in_month CHECK ({inMonth}))", cancellationToken).ConfigureAwait(false);
        await PartitionCopy.ReadAsync(objects, partition, session.Connection, cancellationToken).ConfigureAwait(false);
        var rows = await session.ScalarAsync<long>($"SELECT count(*) FROM {partition.Staging}", cancellationToken).ConfigureAwait(false);
        if (rows != partition.Rows)
        {
            throw new PostgresArchiveException($"object {partition.Key} gave {rows} rows of {partition.Name}, recorded are {partition.Rows}");
        }

        if (table.Index.Length > 0)
        {
            // a month that left before there was an index is not in it; and attaching calls no trigger
            await session.RetryAsync(partition.Name, () => session.ExecuteAsync(
                $"INSERT INTO {table.Index} ({table.KeyList}) SELECT {table.KeyList} FROM {partition.Staging} ON CONFLICT DO NOTHING", cancellationToken), cancellationToken).ConfigureAwait(false);
        }

        await AfterStep(ArchiveStep.Loaded).ConfigureAwait(false);
        partition = partition with { State = "restored" };
        await session.RetryAsync(partition.Name, () => InTransactionAsync(session, async () =>
        {
            await session.ExecuteAsync(await HasPartitionAsync(session, partition, cancellationToken).ConfigureAwait(false) ? MergeSql(partition) : AttachSql(table, partition, inMonth), cancellationToken).ConfigureAwait(false);
            await ArchiveRecords.SetAsync(session.Connection, partition, cancellationToken).ConfigureAwait(false);
        }, cancellationToken), cancellationToken).ConfigureAwait(false);
        await TellAsync(ArchiveStep.Attached, partition).ConfigureAwait(false);
        return partition;
    }

    private static Task<bool> HasPartitionAsync(MigrationConnection session, ArchivedPartition partition, CancellationToken cancellationToken) =>
        session.ScalarAsync<bool>("SELECT EXISTS (SELECT 1 FROM pg_inherits WHERE inhrelid = to_regclass($1) AND inhparent = $2::regclass)", cancellationToken, partition.Name, partition.Parent);

    private static string MergeSql(ArchivedPartition p) =>
        $"INSERT INTO {p.Parent} ({p.ColumnList}) SELECT {p.ColumnList} FROM {p.Staging} ON CONFLICT DO NOTHING; DROP TABLE {p.Staging}";

    // a writer that remembers the month as made has put late rows into the default partition: they are newer, and move along
    private static string AttachSql(ArchivedTable table, ArchivedPartition p, string inMonth) => $"""
        LOCK TABLE {table.Other} IN ACCESS EXCLUSIVE MODE;
        DELETE FROM {p.Staging} USING (SELECT {string.Join(", ", table.Key.Select(column => $"{column} AS late_{column}"))} FROM {table.Other} WHERE {inMonth}) late
            WHERE {string.Join(" AND ", table.Key.Select(column => $"{column} = late_{column}"))};
        WITH late AS (DELETE FROM {table.Other} WHERE {inMonth} RETURNING *) INSERT INTO {p.Staging} SELECT * FROM late;
        ALTER TABLE {p.Staging} RENAME TO {p.Name};
        ALTER TABLE {p.Parent} ATTACH PARTITION {p.Name} FOR VALUES FROM ('{p.From:yyyy-MM-dd} 00:00:00+00') TO ('{p.To:yyyy-MM-dd} 00:00:00+00');
        ALTER TABLE {p.Name} DROP CONSTRAINT in_month
        """;

    private static async Task<List<string>> MonthsAsync(MigrationConnection session, ArchivedTable table, DateOnly before, CancellationToken cancellationToken)
    {
        var names = await session.NamesAsync("SELECT c.relname FROM pg_inherits t JOIN pg_class c ON c.oid = t.inhrelid WHERE t.inhparent = $1::regclass ORDER BY c.relname", cancellationToken, table.Name).ConfigureAwait(false);
        return [.. names.Where(name => name != table.Other && FirstDay(name).AddMonths(1) <= before)];
    }

    private async Task<IReadOnlyList<ArchivedPartition>> AloneAsync(Func<MigrationConnection, Task<List<ArchivedPartition>>> work, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        var session = new MigrationConnection(connection, _bounds, time);
        await session.PrepareAsync(cancellationToken).ConfigureAwait(false);
        if (!await session.ScalarAsync<bool>($"SELECT pg_try_advisory_lock({AdvisoryLock})", cancellationToken).ConfigureAwait(false))
        {
            throw new PostgresArchiveException("another archive or restore is under way on this database: wait for it");
        }

        try
        {
            return await work(session).ConfigureAwait(false);
        }
        finally
        {
            if (connection.FullState == System.Data.ConnectionState.Open)
            {
                await session.ExecuteAsync($"SELECT pg_advisory_unlock({AdvisoryLock}); RESET lock_timeout; RESET statement_timeout", CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private static async Task<bool> InTransactionAsync(MigrationConnection session, Func<Task> work, CancellationToken cancellationToken)
    {
        await using var transaction = await session.Connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await work().ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    private Task TellAsync(ArchiveStep step, ArchivedPartition partition)
    {
        Log.Archive(_logger, partition.Name, partition.Part, partition.State, partition.Rows);
        return AfterStep(step);
    }

    // NAME_yyyy_mm, as ensure_month_partition makes it
    private static DateOnly FirstDay(string partition) => DateOnly.ParseExact(partition.AsSpan(partition.Length - 7), "yyyy'_'MM", CultureInfo.InvariantCulture);

    private static DateTime Utc(DateOnly day) => day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
}
