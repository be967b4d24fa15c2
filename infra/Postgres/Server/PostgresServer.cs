using System.Globalization;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace StreamPlatform.Postgres.Server;

/// <summary>
/// PostgreSQL as a child of the platform: a private directory, a private Unix socket, no TCP port; never root; stopped with the
/// platform and, through the kernel, also when the platform is killed.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string Superuser = "streamplatform";
    private const string SocketFile = ".s.PGSQL.5432";

    // sockaddr_un.sun_path holds 108 bytes, the last a zero.
    private const int MaxSocketPathBytes = 107;

    private readonly PostgresServerOptions _options;
    private readonly DataDirectory _data;
    private readonly string? _ownSocketDirectory;
    private readonly ServerProcess _process;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private bool _disposed;

    private PostgresServer(PostgresServerOptions options, DataDirectory data, ServerProcess process, string socketDirectory, bool ownSocketDirectory, TimeProvider time, ILogger logger)
    {
        (_options, _data, _process, _time, _logger) = (options, data, process, time, logger);
        _ownSocketDirectory = ownSocketDirectory ? socketDirectory : null;
        SocketDirectory = socketDirectory;
        ConnectionString = ConnectionStringTo(socketDirectory, options.Database);
    }

    /// <summary>Npgsql connection string of the platform's database.</summary>
    public string ConnectionString { get; }

    /// <summary>Directory of the socket; psql -h takes it.</summary>
    public string SocketDirectory { get; }

    public int ProcessId => _process.Id;

    /// <summary>Completes when the server has ended; before <see cref="DisposeAsync"/> that is a failure.</summary>
    public Task Exited => _process.Exited;

    /// <summary>Prepares the directory, starts the server and returns once it answers and the database exists.</summary>
    /// <exception cref="PostgresServerException">Names what to fix.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    public static async Task<PostgresServer> StartAsync(PostgresServerOptions options, ILoggerFactory loggerFactory, TimeProvider time, CancellationToken cancellationToken)
    {
        options.Validate();
        var logger = loggerFactory.CreateLogger<PostgresServer>();
        var binaries = PostgresBinaries.Find(options.BinDirectory);
        var user = ServerUser.For(options);
        var data = new DataDirectory(options.DataDirectory, user, logger);
        string? socketDirectory = null;
        var ownSocketDirectory = false;
        ServerProcess? process = null;
        var started = time.GetTimestamp();
        try
        {
            data.Lock();
            await data.InitialiseAsync(binaries, Superuser, cancellationToken).ConfigureAwait(false);
            await data.ReclaimAsync(options.StopTimeout, time, cancellationToken).ConfigureAwait(false);
            ownSocketDirectory = System.Text.Encoding.UTF8.GetByteCount(Path.Combine(options.DataDirectory, SocketFile)) > MaxSocketPathBytes;
            socketDirectory = ownSocketDirectory ? await CreateSocketDirectoryAsync(user, cancellationToken).ConfigureAwait(false) : options.DataDirectory;
            process = await StartUntilReadyAsync(options, user.Child(Arguments(binaries, options, socketDirectory)), socketDirectory, logger, time, cancellationToken).ConfigureAwait(false);
            await EnsureDatabaseAsync(socketDirectory, options.Database, cancellationToken).ConfigureAwait(false);
            Log.Ready(logger, options.DataDirectory, process.Id, (long)time.GetElapsedTime(started).TotalMilliseconds);
            return new PostgresServer(options, data, process, socketDirectory, ownSocketDirectory, time, logger);
        }
        catch
        {
            if (process is not null)
            {
                await StopAsync(process, options.StopTimeout, time).ConfigureAwait(false);
            }

            DeleteSocketDirectory(ownSocketDirectory ? socketDirectory : null);
            data.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        using (var pool = new NpgsqlConnection(ConnectionString))
        {
            NpgsqlConnection.ClearPool(pool);
        }

        await StopAsync(_process, _options.StopTimeout, _time).ConfigureAwait(false);
        DeleteSocketDirectory(_ownSocketDirectory);
        _data.Dispose();
        Log.Stopped(_logger, _options.DataDirectory);
    }

    private static async Task StopAsync(ServerProcess process, TimeSpan stopTimeout, TimeProvider time)
    {
        await DataDirectory.StopAsync(() => process.IsRunning, process.Signal, stopTimeout, time, CancellationToken.None).ConfigureAwait(false);
        await process.DisposeAsync().ConfigureAwait(false);
    }

    // Backends of a killed server hold its shared memory for a moment; PostgreSQL refuses until they are gone.
    private static async Task<ServerProcess> StartUntilReadyAsync(PostgresServerOptions options, IReadOnlyList<string> command, string socketDirectory, ILogger logger, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            var process = await ServerProcess.StartAsync(command, logger).ConfigureAwait(false);
            try
            {
                if (await IsReadyAsync(process, socketDirectory, () => options.StartTimeout - time.GetElapsedTime(started), time, cancellationToken).ConfigureAwait(false))
                {
                    return process;
                }
            }
            catch
            {
                await StopAsync(process, options.StopTimeout, time).ConfigureAwait(false);
                throw;
            }

            await process.DisposeAsync().ConfigureAwait(false);
            if (!process.LastLines.Contains("shared memory", StringComparison.Ordinal) || time.GetElapsedTime(started) > options.StartTimeout)
            {
                throw new PostgresServerException($"PostgreSQL did not start on {options.DataDirectory}: {process.LastLines}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>True once it answers; false when it ended by itself.</summary>
    private static async Task<bool> IsReadyAsync(ServerProcess process, string socketDirectory, Func<TimeSpan> left, TimeProvider time, CancellationToken cancellationToken)
    {
        var connectionString = ConnectionStringTo(socketDirectory, "postgres") + ";Pooling=false;Timeout=5";
        while (process.IsRunning)
        {
            try
            {
                await using var connection = new NpgsqlConnection(connectionString);
                await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
                return true;
            }
            catch (NpgsqlException error) when (left() <= TimeSpan.Zero)
            {
                throw new PostgresServerException($"PostgreSQL did not answer in time (last: {error.Message}); its own words: {process.LastLines}", error);
            }
            catch (NpgsqlException)
            {
                // Not listening yet, or still recovering (57P03): asked again below.
                await Task.Delay(TimeSpan.FromMilliseconds(25), time, cancellationToken).ConfigureAwait(false);
            }
        }

        return false;
    }

    private static string[] Arguments(PostgresBinaries binaries, PostgresServerOptions options, string socketDirectory)
    {
        string[] settings =
        [
            "listen_addresses=",
            $"unix_socket_directories={socketDirectory}",
            "unix_socket_permissions=0700",
            string.Create(CultureInfo.InvariantCulture, $"max_connections={options.MaxConnections}"),
            string.Create(CultureInfo.InvariantCulture, $"shared_buffers={options.SharedBuffersMiB}MB"),
            "timezone=UTC",
            "random_page_cost=1.1", // no disk that seeks: else a page of a list may read a table from end to end
            "jit=off",
            "logging_collector=off",
            "log_checkpoints=off",
            "log_min_messages=warning",
        ];
        return [binaries.Postgres, "-D", options.DataDirectory, .. settings.SelectMany(setting => new[] { "-c", setting })];
    }

    private static async Task EnsureDatabaseAsync(string socketDirectory, string database, CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(ConnectionStringTo(socketDirectory, "postgres") + ";Pooling=false");
        await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var exists = new NpgsqlCommand("SELECT 1 FROM pg_database WHERE datname = $1", connection) { Parameters = { new() { Value = database } } };
        if (await exists.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is null)
        {
            // Identifiers take no parameter; the name was checked by PostgresServerOptions.Validate.
            await using var create = new NpgsqlCommand($"CREATE DATABASE \"{database}\"", connection);
            await create.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // The data directory's own path is too long for a socket: a short private directory takes it.
    private static async Task<string> CreateSocketDirectoryAsync(ServerUser user, CancellationToken cancellationToken)
    {
        // An unguessable name, so that nobody can have made it before.
        var directory = Path.Combine(Path.GetTempPath(), "sp-pg-" + Guid.NewGuid().ToString("N"));
        await user.CreateDirectoryAsync(directory, cancellationToken).ConfigureAwait(false);
        return directory;
    }

    private static void DeleteSocketDirectory(string? directory)
    {
        if (directory is not null && Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static string ConnectionStringTo(string socketDirectory, string database) =>
        new NpgsqlConnectionStringBuilder { Host = socketDirectory, Username = Superuser, Database = database, MaxPoolSize = 20, ApplicationName = "streamplatform" }.ConnectionString;
}
