using System.Reflection;
using System.Text;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace StreamPlatform.Postgres.Migrations;

/// <summary>Brings a database forward to this program's schema. Never back: a released file never changes, a correction is a new file.</summary>
public static class PostgresMigrations
{
    // Any constant of our own: instances starting together on one database take turns.
    private const long AdvisoryLock = 0x5354524D;

    /// <summary>The files of this program, in order.</summary>
    public static IReadOnlyList<Migration> All { get; } = Load();

    /// <summary>Applies what is missing, while others go on writing. Returns how many were applied.</summary>
    /// <exception cref="PostgresMigrationException">An applied file was changed, the database is of a newer program, or a lock was not to be had.</exception>
    public static Task<int> ApplyAsync(NpgsqlDataSource database, ILoggerFactory loggerFactory, TimeProvider time, CancellationToken cancellationToken) =>
        ApplyAsync(database, All, loggerFactory, time, cancellationToken);

    internal static async Task<int> ApplyAsync(NpgsqlDataSource database, IReadOnlyList<Migration> migrations, ILoggerFactory loggerFactory, TimeProvider time, CancellationToken cancellationToken, MigrationOptions? options = null)
    {
        options ??= new MigrationOptions();
        options.Validate();
        var logger = loggerFactory.CreateLogger(typeof(PostgresMigrations));
        await using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        var session = new MigrationConnection(connection, options, time);
        await session.PrepareAsync(cancellationToken).ConfigureAwait(false);
        await session.LockAsync(AdvisoryLock, cancellationToken).ConfigureAwait(false);
        try
        {
            await session.ExecuteAsync("CREATE TABLE IF NOT EXISTS schema_migrations (version integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())", cancellationToken).ConfigureAwait(false);
            var applied = await AppliedAsync(connection, cancellationToken).ConfigureAwait(false);
            Check(applied, migrations);
            var missing = migrations.Where(migration => !applied.ContainsKey(migration.Version)).ToArray();
            foreach (var migration in missing)
            {
                var started = time.GetTimestamp();
                await ApplyOneAsync(session, migration, cancellationToken).ConfigureAwait(false);
                Log.Migrated(logger, migration.Name, (long)time.GetElapsedTime(started).TotalMilliseconds);
            }

            return missing.Length;
        }
        finally
        {
            if (connection.FullState == System.Data.ConnectionState.Open)
            {
                await session.ExecuteAsync($"SELECT pg_advisory_unlock({AdvisoryLock}); RESET lock_timeout; RESET statement_timeout", CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private static async Task ApplyOneAsync(MigrationConnection session, Migration migration, CancellationToken cancellationToken)
    {
        switch (migration.Kind)
        {
            case MigrationKind.Concurrently:
                foreach (var statement in migration.Statements())
                {
                    await RunOutsideAsync(session, migration.Name, statement, cancellationToken).ConfigureAwait(false);
                }

                await RecordAsync(session.Connection, migration, cancellationToken).ConfigureAwait(false);
                return;
            case MigrationKind.Batches:
                while (await session.RetryAsync(migration.Name, () => session.ExecuteAsync(migration.Sql, cancellationToken), cancellationToken).ConfigureAwait(false) > 0)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                }

                await RecordAsync(session.Connection, migration, cancellationToken).ConfigureAwait(false);
                return;
            default:
                await session.RetryAsync(migration.Name, () => InTransactionAsync(session, migration, cancellationToken), cancellationToken).ConfigureAwait(false);
                return;
        }
    }

    private static Task RunOutsideAsync(MigrationConnection session, string migration, string statement, CancellationToken cancellationToken) =>
        ConcurrentIndex.Parse(statement) is { } index
            ? index.BuildAsync(session, cancellationToken)
            : session.RetryAsync(migration, () => session.ExecuteAsync(statement, cancellationToken), cancellationToken);

    private static async Task<bool> InTransactionAsync(MigrationConnection session, Migration migration, CancellationToken cancellationToken)
    {
        await using var transaction = await session.Connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await session.ExecuteAsync(migration.Sql, cancellationToken).ConfigureAwait(false);
        await RecordAsync(session.Connection, migration, cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }

    private static async Task RecordAsync(NpgsqlConnection connection, Migration migration, CancellationToken cancellationToken)
    {
        await using var record = new NpgsqlCommand("INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)", connection)
        {
            Parameters = { new() { Value = migration.Version }, new() { Value = migration.Name }, new() { Value = migration.Checksum } },
        };
        await record.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static void Check(Dictionary<int, (string Name, string Checksum)> applied, IReadOnlyList<Migration> migrations)
    {
        var known = migrations.ToDictionary(migration => migration.Version);
        foreach (var (version, (name, checksum)) in applied)
        {
            if (!known.TryGetValue(version, out var migration))
            {
                throw new PostgresMigrationException($"the database has migration {name}, which this program does not know: it was written by a newer version; run that version");
            }

            if (migration.Checksum != checksum)
            {
                throw new PostgresMigrationException($"migration {name} was changed after this database had applied it; restore the file and put the change into a new migration");
            }
        }
    }

    private static async Task<Dictionary<int, (string Name, string Checksum)>> AppliedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var applied = new Dictionary<int, (string, string)>();
        await using var command = new NpgsqlCommand("SELECT version, name, checksum FROM schema_migrations ORDER BY version", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            applied[reader.GetInt32(0)] = (reader.GetString(1), reader.GetString(2));
        }

        return applied;
    }

    private static Migration[] Load()
    {
        const string prefix = "migrations/";
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames().Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(resource =>
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
            return Migration.Of(resource[prefix.Length..], reader.ReadToEnd());
        })];
    }

    internal static Migration Of(string name, string sql) => Migration.Of(name, sql);
}
