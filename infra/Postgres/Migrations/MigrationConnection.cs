using System.Globalization;
using Npgsql;

namespace StreamPlatform.Postgres.Migrations;

/// <summary>The one connection of a migration run: short waits for locks, asked for again and again.</summary>
internal sealed class MigrationConnection(NpgsqlConnection connection, MigrationOptions options, TimeProvider time)
{
    private const int MaxDoublings = 4;

    public NpgsqlConnection Connection => connection;

    /// <summary>This session's bounds, whatever the pool's are.</summary>
    public Task PrepareAsync(CancellationToken cancellationToken) => BoundAsync(options.LockTimeout, cancellationToken);

    /// <summary>
    /// Runs a statement whose waits block nobody (CREATE and DROP INDEX CONCURRENTLY wait for every older transaction, and one given up
    /// half-way must be begun again).
    /// </summary>
    public async Task ExecutePatientlyAsync(string sql, CancellationToken cancellationToken)
    {
        await BoundAsync(options.Patience, cancellationToken).ConfigureAwait(false);
        try
        {
            await ExecuteAsync(sql, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (connection.FullState == System.Data.ConnectionState.Open)
            {
                await BoundAsync(options.LockTimeout, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Takes the advisory lock, or waits until another instance gives it back.</summary>
    /// <remarks>
    /// By asking, not by pg_advisory_lock: a session waiting inside a statement holds a snapshot, and CREATE INDEX CONCURRENTLY of the
    /// instance that has the lock would wait for that snapshot: a deadlock.
    /// </remarks>
    /// <exception cref="PostgresMigrationException">Another instance kept it too long.</exception>
    public async Task LockAsync(long key, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            if (await ScalarAsync<bool>($"SELECT pg_try_advisory_lock({key})", cancellationToken).ConfigureAwait(false))
            {
                return;
            }

            if (time.GetElapsedTime(started) > options.Patience)
            {
                throw new PostgresMigrationException($"another instance has been migrating this database for {options.Patience}: look for it in pg_locks (locktype 'advisory')");
            }

            await PauseAsync(attempt, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Runs the work, again and again while it meets a lock (or a deadlock with a writer).</summary>
    /// <exception cref="PostgresMigrationException">The locks were not to be had in time.</exception>
    public async Task<T> RetryAsync<T>(string what, Func<Task<T>> work, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await work().ConfigureAwait(false);
            }
            catch (PostgresException error) when (error.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
            {
                if (time.GetElapsedTime(started) > options.Patience)
                {
                    throw new PostgresMigrationException($"{what} could not get its locks for {options.Patience}: a transaction keeps them, see pg_stat_activity (oldest xact_start)", error);
                }
            }

            await PauseAsync(attempt, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Returns the rows changed.</summary>
    public async Task<int> ExecuteAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = Command(sql);
        return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    public async Task<T?> ScalarAsync<T>(string sql, CancellationToken cancellationToken, params object[] parameters)
    {
        await using var command = Command(sql, parameters);
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is T value ? value : default;
    }

    public async Task<List<string>> NamesAsync(string sql, CancellationToken cancellationToken, params object[] parameters)
    {
        var names = new List<string>();
        await using var command = Command(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            names.Add(reader.GetString(0));
        }

        return names;
    }

    private NpgsqlCommand Command(string sql, params object[] parameters)
    {
        // statement_timeout decides on the server; this is for a server that no longer answers
        var command = new NpgsqlCommand(sql, connection) { CommandTimeout = (int)Math.Min(int.MaxValue, options.StatementTimeout.TotalSeconds + 60) };
        foreach (var value in parameters)
        {
            command.Parameters.Add(new() { Value = value });
        }

        return command;
    }

    private Task BoundAsync(TimeSpan lockTimeout, CancellationToken cancellationToken) => ExecuteAsync(string.Create(CultureInfo.InvariantCulture,
        $"SET lock_timeout = {(long)lockTimeout.TotalMilliseconds}; SET statement_timeout = {(long)options.StatementTimeout.TotalMilliseconds}"), cancellationToken);

    private Task PauseAsync(int attempt, CancellationToken cancellationToken) =>
        Task.Delay(options.RetryPause * (1 << Math.Min(attempt, MaxDoublings)), time, cancellationToken);
}
