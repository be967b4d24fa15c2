using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace StreamPlatform.Postgres.Migrations;

/// <summary>
/// CREATE INDEX CONCURRENTLY for every kind of table. PostgreSQL refuses it on a partitioned one: there the parent's index is made alone
/// (ON ONLY, so that partitions made from now on bring theirs), each partition's concurrently, and each is attached.
/// https://www.postgresql.org/docs/current/sql-createindex.html
/// </summary>
/// <param name="Definition">What follows the table's name.</param>
internal sealed partial record ConcurrentIndex(bool Unique, string Name, string Table, string Definition)
{
    private const int MaxNameBytes = 63;

    private string Create => Unique ? "CREATE UNIQUE INDEX" : "CREATE INDEX";

    /// <summary>Null when the statement is another one.</summary>
    public static ConcurrentIndex? Parse(string statement) => Statement().Match(statement) is { Success: true } found
        ? new(found.Groups["unique"].Success, found.Groups["name"].Value, found.Groups["table"].Value, found.Groups["definition"].Value)
        : null;

    /// <summary>Makes what is not there. What an interrupted run left invalid is dropped and built again.</summary>
    public async Task BuildAsync(MigrationConnection database, CancellationToken cancellationToken)
    {
        if (await database.ScalarAsync<bool>("SELECT relkind = 'p' FROM pg_class WHERE oid = to_regclass($1)", cancellationToken, Table).ConfigureAwait(false))
        {
            await BuildPartitionedAsync(database, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            await BuildAsync(database, Name, Table, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A partition's index: INDEX_PARTITION, shortened to what PostgreSQL takes.</summary>
    internal static string ChildName(string index, string partition)
    {
        var name = $"{index}_{partition}";
        return Encoding.UTF8.GetByteCount(name) <= MaxNameBytes ? name : name[..(MaxNameBytes - 9)] + "_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..8];
    }

    private async Task BuildPartitionedAsync(MigrationConnection database, CancellationToken cancellationToken)
    {
        await database.RetryAsync(Name, () => database.ExecuteAsync($"{Create} IF NOT EXISTS {Name} ON ONLY {Table} {Definition}", cancellationToken), cancellationToken).ConfigureAwait(false);
        // partitions whose index is not attached yet; one made meanwhile has brought its own
        var partitions = await database.NamesAsync("""
            SELECT c.relname FROM pg_inherits t JOIN pg_class c ON c.oid = t.inhrelid
            WHERE t.inhparent = $1::regclass AND NOT EXISTS (
                SELECT 1 FROM pg_index i JOIN pg_inherits a ON a.inhrelid = i.indexrelid WHERE i.indrelid = c.oid AND a.inhparent = $2::regclass)
            ORDER BY c.relname
            """, cancellationToken, Table, Name).ConfigureAwait(false);
        foreach (var partition in partitions)
        {
            var child = ChildName(Name, partition);
            await BuildAsync(database, child, partition, cancellationToken).ConfigureAwait(false);
            await database.RetryAsync(child, () => database.ExecuteAsync($"ALTER INDEX {Name} ATTACH PARTITION {child}", cancellationToken), cancellationToken).ConfigureAwait(false);
        }
    }

    private Task<bool> BuildAsync(MigrationConnection database, string name, string table, CancellationToken cancellationToken) =>
        database.RetryAsync(name, async () =>
        {
            // an attempt that failed (a lock, a duplicate, a kill) leaves an index that is maintained by every write and used by no query
            var valid = await database.ScalarAsync<object>("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1)", cancellationToken, name).ConfigureAwait(false);
            if (valid is true)
            {
                return true;
            }

            if (valid is false)
            {
                await database.ExecutePatientlyAsync($"DROP INDEX CONCURRENTLY {name}", cancellationToken).ConfigureAwait(false);
            }

            await database.ExecutePatientlyAsync($"{Create} CONCURRENTLY {name} ON {table} {Definition}", cancellationToken).ConfigureAwait(false);
            return true;
        }, cancellationToken);

    [GeneratedRegex(@"^CREATE (?<unique>UNIQUE )?INDEX CONCURRENTLY (?<name>\w+) ON (?<table>\w+) (?<definition>.+)$", RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Statement();
}
