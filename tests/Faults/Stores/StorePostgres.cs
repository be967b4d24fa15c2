using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StreamPlatform.Postgres.Server;

namespace StreamPlatform.Tests.Faults.Stores;

/// <summary>A PostgreSQL that a test kills and starts again on the same files.</summary>
internal sealed class StorePostgres : IAsyncDisposable
{
    private readonly string directory = Path.Combine(Path.GetTempPath(), $"faults-pg-{Guid.NewGuid():N}"[..25]); // open to the user that runs PostgreSQL; short enough for a socket
    private PostgresServer? server;
    private NpgsqlDataSource? database;

    private StorePostgres() => Directory.CreateDirectory(directory);

    /// <summary>The same before and after a restart.</summary>
    public string ConnectionString { get; private set; } = "";

    public NpgsqlDataSource Database => database!;

    /// <summary>Skips the test where PostgreSQL is not installed.</summary>
    public static async Task<StorePostgres> StartAsync()
    {
        try
        {
            PostgresBinaries.Find("");
        }
        catch (PostgresServerException error)
        {
            Assert.Skip(error.Message);
        }

        var started = new StorePostgres();
        await started.StartAgainAsync();
        return started;
    }

    /// <summary>SIGKILL to the server and all its processes.</summary>
    public async Task KillAsync()
    {
        await database!.DisposeAsync(); // its connections are of the life that ends
        database = null;
        var postmaster = Process.GetProcessById(server!.ProcessId);
        postmaster.Kill(entireProcessTree: true);
        await server.Exited;
        await server.DisposeAsync();
        server = null;
    }

    public async Task StartAgainAsync()
    {
        server = await PostgresServer.StartAsync(
            new PostgresServerOptions { DataDirectory = Path.Combine(directory, "data"), SharedBuffersMiB = 128 }, NullLoggerFactory.Instance, TimeProvider.System, TestContext.Current.CancellationToken);
        ConnectionString = server.ConnectionString;
        database = NpgsqlDataSource.Create(ConnectionString);
    }

    public async Task<long> NumberAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        return await command.ExecuteScalarAsync(TestContext.Current.CancellationToken) is long number ? number : 0;
    }

    /// <summary>Bytes of the emotion table, written but not yet committed ones too: it grows while a batch is under way.</summary>
    public Task<long> EmotionBytesAsync() => NumberAsync(
        "SELECT coalesce(sum(pg_relation_size(c.oid)), 0)::bigint FROM pg_class c WHERE c.relkind = 'r' AND c.relname LIKE 'emotion\\_observations\\_%'");

    public async ValueTask DisposeAsync()
    {
        if (database is not null) await database.DisposeAsync();
        if (server is not null) await server.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }
}
