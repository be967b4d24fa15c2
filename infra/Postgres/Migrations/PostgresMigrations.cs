using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace StreamPlatform.Postgres.Migrations;

/// <summary>One SQL file: "0001_name.sql".</summary>
/// <param name="Checksum">SHA-256 of the text, line ends as LF, in lower-case hex.</param>
public sealed record Migration(int Version, string Name, string Sql, string Checksum);

/// <summary>The database does not fit this program; the message names what to fix.</summary>
public sealed class PostgresMigrationException(string message) : Exception(message);

/// <summary>Brings a database forward to this program's schema. Never back: a released file never changes, a correction is a new file.</summary>
public static class PostgresMigrations
{
    // Any constant of our own: instances starting together on one database take turns.
    private const long AdvisoryLock = 0x5354524D;

    /// <summary>The files of this program, in order.</summary>
    public static IReadOnlyList<Migration> All { get; } = Load();

    /// <summary>Applies what is missing, each file in one transaction. Returns how many were applied.</summary>
    /// <exception cref="PostgresMigrationException">An applied file was changed, or the database is of a newer program.</exception>
    public static Task<int> ApplyAsync(NpgsqlDataSource database, ILoggerFactory loggerFactory, TimeProvider time, CancellationToken cancellationToken) =>
        ApplyAsync(database, All, loggerFactory, time, cancellationToken);

    internal static async Task<int> ApplyAsync(NpgsqlDataSource database, IReadOnlyList<Migration> migrations, ILoggerFactory loggerFactory, TimeProvider time, CancellationToken cancellationToken)
    {
        var logger = loggerFactory.CreateLogger(typeof(PostgresMigrations));
        await using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await ExecuteAsync(connection, $"SET lock_timeout = '60s'; SELECT pg_advisory_lock({AdvisoryLock})", cancellationToken).ConfigureAwait(false);
        try
        {
            await ExecuteAsync(connection, "CREATE TABLE IF NOT EXISTS schema_migrations (version integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())", cancellationToken).ConfigureAwait(false);
            var applied = await AppliedAsync(connection, cancellationToken).ConfigureAwait(false);
            Check(applied, migrations);
            var missing = migrations.Where(migration => !applied.ContainsKey(migration.Version)).ToArray();
            foreach (var migration in missing)
            {
                var started = time.GetTimestamp();
                await ApplyOneAsync(connection, migration, cancellationToken).ConfigureAwait(false);
                Log.Migrated(logger, migration.Name, (long)time.GetElapsedTime(started).TotalMilliseconds);
            }

            return missing.Length;
        }
        finally
        {
            await ExecuteAsync(connection, $"SELECT pg_advisory_unlock({AdvisoryLock}); RESET lock_timeout", CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static async Task ApplyOneAsync(NpgsqlConnection connection, Migration migration, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        await ExecuteAsync(connection, migration.Sql, cancellationToken).ConfigureAwait(false);
        await using var record = new NpgsqlCommand("INSERT INTO schema_migrations (version, name, checksum) VALUES ($1, $2, $3)", connection, transaction)
        {
            Parameters = { new() { Value = migration.Version }, new() { Value = migration.Name }, new() { Value = migration.Checksum } },
        };
        await record.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
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

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 120 };
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static Migration[] Load()
    {
        const string prefix = "migrations/";
        var assembly = Assembly.GetExecutingAssembly();
        return [.. assembly.GetManifestResourceNames().Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(resource =>
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
            return Of(resource[prefix.Length..], reader.ReadToEnd());
        })];
    }

    internal static Migration Of(string name, string sql)
    {
        var text = sql.ReplaceLineEndings("\n");
        return new(int.Parse(name.AsSpan(0, 4), CultureInfo.InvariantCulture), name, text, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text))));
    }
}
