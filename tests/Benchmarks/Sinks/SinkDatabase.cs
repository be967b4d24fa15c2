using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StreamPlatform.Postgres.Migrations;
using StreamPlatform.Postgres.Pool;
using StreamPlatform.Postgres.Server;

namespace StreamPlatform.Tests.Benchmarks.Sinks;

/// <summary>One PostgreSQL with the platform's schema for one benchmark, on a directory that goes with it.</summary>
internal sealed class SinkDatabase : IAsyncDisposable
{
    private const double TicksPerSecond = 100; // of /proc/PID/stat, the same on every Linux that .NET runs on
    private readonly string directory = Path.Combine(Path.GetTempPath(), $"bench-postgres-{Guid.NewGuid():N}"); // open to the user that runs PostgreSQL
    private PostgresServer? server;
    private NpgsqlDataSource? database;

    public NpgsqlDataSource Database => database!;

    public string Files => directory;

    /// <exception cref="BenchFailedException">PostgreSQL cannot be started.</exception>
    public static async Task<SinkDatabase> StartAsync()
    {
        var started = new SinkDatabase();
        try
        {
            Directory.CreateDirectory(started.directory);
            started.server = await PostgresServer.StartAsync(
                new PostgresServerOptions { DataDirectory = Path.Combine(started.directory, "data"), SharedBuffersMiB = 512 }, NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);
            // as services open it, but for what filling takes
            started.database = PostgresPool.Open(started.server.ConnectionString + ";Command Timeout=900", "bench", new PoolOptions { StatementTimeout = TimeSpan.FromHours(1) }, null);
            await PostgresMigrations.ApplyAsync(started.database, NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);
            return started;
        }
        catch (PostgresServerException e)
        {
            await started.DisposeAsync();
            throw new BenchFailedException(e.Message);
        }
    }

    public async Task ExecuteAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public Task<long> CountAsync(string table) => NumberAsync($"SELECT count(*) FROM {table}");

    public async Task<long> NumberAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Tables and partitions that no query may read from end to end.</summary>
    public async Task<HashSet<string>> LargeTablesAsync()
    {
        await using var command = Database.CreateCommand("SELECT relname::text FROM pg_class WHERE relkind = 'r' AND reltuples > 10000");
        await using var reader = await command.ExecuteReaderAsync();
        var tables = new HashSet<string>();
        while (await reader.ReadAsync()) tables.Add(reader.GetString(0));
        return tables;
    }

    /// <summary>psql with one command; returns the processor seconds of psql itself.</summary>
    public async Task<double> PsqlAsync(string command)
    {
        var start = new ProcessStartInfo("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", server!.SocketDirectory, "-U", "streamplatform", "-d", "streamplatform", "-c", command]) { RedirectStandardError = true };
        var before = EndedChildrenSeconds();
        using var psql = Process.Start(start) ?? throw new BenchFailedException("psql did not start");
        var error = await psql.StandardError.ReadToEndAsync();
        await psql.WaitForExitAsync();
        return psql.ExitCode == 0 ? EndedChildrenSeconds() - before : throw new BenchFailedException($"psql failed: {error}");
    }

    /// <summary>Processor seconds of the server and all its processes, those that have ended too.</summary>
    public double ServerSeconds()
    {
        double ticks = 0;
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(p => char.IsAsciiDigit(Path.GetFileName(p)[0])))
        {
            try
            {
                var fields = Fields(process);
                var isServer = int.Parse(Path.GetFileName(process), CultureInfo.InvariantCulture) == server!.ProcessId;
                if (!isServer && int.Parse(fields[1], CultureInfo.InvariantCulture) != server.ProcessId) continue;
                ticks += fields[11..(isServer ? 15 : 13)].Sum(f => double.Parse(f, CultureInfo.InvariantCulture));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // it has ended meanwhile
            }
        }

        return ticks / TicksPerSecond;
    }

    private static double EndedChildrenSeconds() => Fields("/proc/self")[13..15].Sum(f => double.Parse(f, CultureInfo.InvariantCulture)) / TicksPerSecond;

    // From field 3 on, https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: parent at 1, own user and system time at 11, that of ended children at 13.
    private static string[] Fields(string process)
    {
        var text = File.ReadAllText(Path.Combine(process, "stat"));
        return text[(text.LastIndexOf(')') + 2)..].Split(' ');
    }

    public async ValueTask DisposeAsync()
    {
        if (database is not null) await database.DisposeAsync();
        if (server is not null) await server.DisposeAsync();
        if (Directory.Exists(directory)) Directory.Delete(directory, recursive: true);
    }
}
