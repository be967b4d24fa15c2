using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StreamPlatform.Postgres.Migrations;
using StreamPlatform.Postgres.Server;
using Xunit;

namespace StreamPlatform.Tests.Unit.Postgres;

/// <summary>Back-up and restore as docs/stores.md tells an operator to: a base back-up, the archived WAL, a time.</summary>
[Collection(PostgresCollection.Name)]
public sealed class PointInTimeRestoreTests(PostgresFixture postgres) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory directory = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Wal => Path.Combine(directory.Root, "wal");

    private string BaseBackup => Path.Combine(directory.Root, "base");

    [Fact]
    public async Task A_destroyed_database_comes_back_as_it_was_at_a_given_time()
    {
        PostgresFixture.RequirePrograms();
        postgres.CopyTemplate(directory.Data);
        await StreamingReplica.RunAsUserAsync(Wal, _ => ["true"]);

        // archive the WAL; archive_mode needs a restart
        await using (var server = await StartAsync())
        {
            await ExecuteAsync(server, "ALTER SYSTEM SET archive_mode = 'on'");
            await ExecuteAsync(server, $"ALTER SYSTEM SET archive_command = 'test ! -f {Wal}/%f && cp %p {Wal}/%f'");
        }

        string time;
        await using (var server = await StartAsync())
        {
            await using (var database = NpgsqlDataSource.Create(server.ConnectionString))
            {
                await PostgresMigrations.ApplyAsync(database, NullLoggerFactory.Instance, TimeProvider.System, Cancel);
            }

            await StreamingReplica.RunAsUserAsync(BaseBackup, binaries => [Path.Combine(binaries, "pg_basebackup"), "-h", server.SocketDirectory, "-U", "streamplatform", "-D", BaseBackup, "-X", "stream", "-c", "fast"]);
            await ExecuteAsync(server, "INSERT INTO tenants SELECT 'before' || n FROM generate_series(1, 100) n");
            time = await TextAsync(server, "SELECT (clock_timestamp() AT TIME ZONE 'UTC')::text || '+00'");
            await ExecuteAsync(server, "SELECT pg_sleep(0.05)");
            await ExecuteAsync(server, "INSERT INTO tenants SELECT 'after' || n FROM generate_series(1, 100) n; DELETE FROM tenants WHERE tenant LIKE 'before%'");
            var last = await TextAsync(server, "SELECT pg_walfile_name(pg_switch_wal())");
            await UntilAsync(async () => string.CompareOrdinal(await TextAsync(server, "SELECT coalesce(last_archived_wal, '') FROM pg_stat_archiver"), last) >= 0);
        }

        // destroyed
        Directory.Delete(directory.Data, recursive: true);

        // restored: the base back-up, where the WAL is, up to when
        await StreamingReplica.RunAsUserAsync(directory.Data, _ => ["cp", "-a", BaseBackup + "/.", directory.Data]);
        await File.AppendAllTextAsync(Path.Combine(directory.Data, "postgresql.auto.conf"), string.Create(CultureInfo.InvariantCulture,
            $"\nrestore_command = 'cp {Wal}/%f %p'\nrecovery_target_time = '{time}'\nrecovery_target_action = 'promote'\n"), Cancel);
        await StreamingReplica.RunAsUserAsync(directory.Data, _ => ["touch", Path.Combine(directory.Data, "recovery.signal")]);
        await using (var server = await StartAsync())
        {
            await UntilAsync(async () => await TextAsync(server, "SELECT pg_is_in_recovery()::text") == "false");

            Assert.Equal("100", await TextAsync(server, "SELECT count(*)::text FROM tenants WHERE tenant LIKE 'before%'"));
            Assert.Equal("0", await TextAsync(server, "SELECT count(*)::text FROM tenants WHERE tenant LIKE 'after%'"));
            await ExecuteAsync(server, "INSERT INTO tenants VALUES ('goes on')");
        }
    }

    public void Dispose() => directory.Dispose();

    private Task<PostgresServer> StartAsync() =>
        PostgresServer.StartAsync(new PostgresServerOptions { DataDirectory = directory.Data, SharedBuffersMiB = 16 }, NullLoggerFactory.Instance, TimeProvider.System, Cancel);

    private static async Task ExecuteAsync(PostgresServer server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(Cancel);
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private static async Task<string> TextAsync(PostgresServer server, string sql)
    {
        await using var connection = new NpgsqlConnection(server.ConnectionString + ";Pooling=false");
        await connection.OpenAsync(Cancel);
        await using var command = new NpgsqlCommand(sql, connection);
        return (string)(await command.ExecuteScalarAsync(Cancel))!;
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await holds())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, "took too long");
            await Task.Delay(50, Cancel);
        }
    }
}
