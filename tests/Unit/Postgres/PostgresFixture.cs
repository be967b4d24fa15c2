using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StreamPlatform.Postgres.Server;
using Xunit;

namespace StreamPlatform.Tests.Unit.Postgres;

/// <summary>One real server for all tests of this area; each test takes a database of its own.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private PostgresServer? _server;
    private int _databases;

    /// <summary>Skips the test where PostgreSQL is not installed.</summary>
    public static void RequirePrograms()
    {
        try
        {
            PostgresBinaries.Find("");
        }
        catch (PostgresServerException error)
        {
            Assert.Skip(error.Message);
        }
    }

    public async ValueTask InitializeAsync()
    {
        try
        {
            PostgresBinaries.Find("");
        }
        catch (PostgresServerException)
        {
            return; // every test skips itself
        }

        await (await StartAsync(Path.Combine(_directory.Root, "template"))).DisposeAsync();
        CopyTemplate(_directory.Data);
        _server = await StartAsync(_directory.Data);
    }

    /// <summary>An initialised data directory; initdb is most of a start's time.</summary>
    public void CopyTemplate(string dataDirectory)
    {
        RequirePrograms();
        using var copy = Process.Start("cp", ["-a", Path.Combine(_directory.Root, "template"), dataDirectory]);
        copy.WaitForExit();
        Assert.Equal(0, copy.ExitCode);
    }

    private static Task<PostgresServer> StartAsync(string directory) =>
        PostgresServer.StartAsync(new PostgresServerOptions { DataDirectory = directory, SharedBuffersMiB = 16 }, NullLoggerFactory.Instance, TimeProvider.System, CancellationToken.None);

    /// <summary>Connection string of a new, empty database.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        RequirePrograms();
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        await using var connection = new NpgsqlConnection(_server!.ConnectionString);
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await create.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return new NpgsqlConnectionStringBuilder(_server.ConnectionString) { Database = name, MaxPoolSize = 4 }.ConnectionString;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _directory.Dispose();
    }
}

[CollectionDefinition(Name)]
public sealed class PostgresCollection : ICollectionFixture<PostgresFixture>
{
    public const string Name = "Postgres";
}
