using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StreamPlatform.Postgres.Migrations;
using StreamPlatform.Postgres.Pool;
using StreamPlatform.Postgres.Replica;
using Xunit;

namespace StreamPlatform.Tests.Unit.Postgres;

/// <summary>Reads beside a real streaming replica: there, lagging, gone, back.</summary>
[Collection(PostgresCollection.Name)]
public sealed class ReplicaReadsTests(PostgresFixture postgres) : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private StreamingReplica pair = null!;
    private NpgsqlDataSource primary = null!;
    private NpgsqlDataSource replica = null!;
    private ReplicaMonitor monitor = null!;
    private ReadRouter router = null!;

    private static readonly ReplicaOptions Options = new() { CheckEvery = TimeSpan.FromMilliseconds(50), MaxLag = TimeSpan.FromSeconds(1), WriteSettles = TimeSpan.Zero };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        PostgresFixture.RequirePrograms();
        pair = await StreamingReplica.StartAsync(postgres);
        primary = PostgresPool.Open(pair.Primary.ConnectionString, "primary", new PoolOptions(), null);
        replica = PostgresPool.Open(pair.ReplicaConnectionString, "replica", new PoolOptions(), null);
        await ExecuteAsync(primary, "CREATE TABLE seen (n int)");
        // all that the monitor asks for of a migrated database
        await ExecuteAsync(primary, $"CREATE TABLE schema_migrations AS SELECT unnest(ARRAY[{string.Join(", ", PostgresMigrations.All.Select(m => m.Version))}]) AS version");
        monitor = await ReplicaMonitor.StartAsync(primary, replica, Options, NullLoggerFactory.Instance, TimeProvider.System, Cancel);
        router = new ReadRouter(monitor);
        await UntilAsync(() => ReadAsync("SELECT pg_is_in_recovery()"), onReplica => onReplica is true);
    }

    [Fact]
    public async Task What_the_primary_took_is_read_from_the_replica()
    {
        await ExecuteAsync(primary, "INSERT INTO seen VALUES (1)");

        await UntilAsync(() => ReadAsync("SELECT count(*) || ' ' || pg_is_in_recovery() FROM seen"), row => row is "1 true");
        Assert.True(monitor.Health.Usable, monitor.Health.Detail);
    }

    [Fact]
    public async Task A_person_sees_the_own_write_at_once_and_reads_from_the_replica_again_when_it_has_replayed_it()
    {
        await ExecuteAsync(replica, "SELECT pg_wal_replay_pause()");
        await ExecuteAsync(primary, "INSERT INTO seen VALUES (1)");
        using (ReadScope.Enter(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()))
        {
            Assert.Equal("1 false", await ReadAsync("SELECT count(*) || ' ' || pg_is_in_recovery() FROM seen"));
            await ExecuteAsync(replica, "SELECT pg_wal_replay_resume()");
            await UntilAsync(() => ReadAsync("SELECT count(*) || ' ' || pg_is_in_recovery() FROM seen"), row => row is "1 true");
        }
    }

    [Fact]
    public async Task A_read_that_decides_a_change_goes_to_the_primary()
    {
        using (ReadScope.Enter(ReadScope.Primary))
        {
            Assert.Equal(false, await ReadAsync("SELECT pg_is_in_recovery()"));
        }
    }

    [Fact]
    public async Task A_replica_that_has_not_replayed_the_newest_migration_is_not_read()
    {
        await ExecuteAsync(primary, "UPDATE schema_migrations SET version = 9999 WHERE version = (SELECT max(version) FROM schema_migrations)");
        await UntilAsync(() => ReadAsync("SELECT max(version) || ' ' || pg_is_in_recovery() FROM schema_migrations"), row => row is "9999 true");
        await using var later = await ReplicaMonitor.StartAsync(primary, replica, Options, NullLoggerFactory.Instance, TimeProvider.System, Cancel);
        await UntilAsync(() => Task.FromResult<object?>(later.AsOfMs > 0), known => known is true);
        Assert.False(later.MayServe(0));
        Assert.Contains("migrations", later.Health.Detail, StringComparison.Ordinal);

        await ExecuteAsync(primary, $"UPDATE schema_migrations SET version = {PostgresMigrations.All[^1].Version} WHERE version = 9999");
        await UntilAsync(() => Task.FromResult<object?>(later.MayServe(0)), usable => usable is true);
    }

    [Fact]
    public async Task A_replica_that_lags_too_far_is_not_read_until_it_has_caught_up()
    {
        await ExecuteAsync(replica, "SELECT pg_wal_replay_pause()");
        await ExecuteAsync(primary, "INSERT INTO seen VALUES (1)");

        await UntilAsync(() => ReadAsync("SELECT pg_is_in_recovery()"), onReplica => onReplica is false);
        Assert.Contains("behind", monitor.Health.Detail, StringComparison.Ordinal);
        await ExecuteAsync(replica, "SELECT pg_wal_replay_resume()");
        await UntilAsync(() => ReadAsync("SELECT pg_is_in_recovery()"), onReplica => onReplica is true);
    }

    [Fact]
    public async Task While_the_replica_is_down_the_primary_answers_every_read()
    {
        await pair.StopReplicaAsync();

        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(false, await ReadAsync("SELECT pg_is_in_recovery()"));
        }

        Assert.False(monitor.Health.Usable);
        await pair.StartReplicaAsync();
        await UntilAsync(() => ReadAsync("SELECT pg_is_in_recovery()"), onReplica => onReplica is true);
    }

    [Fact]
    public void The_watermark_is_the_time_of_the_newest_position_that_was_replayed()
    {
        var watermark = new WalWatermark(3);
        watermark.Replayed(100);
        Assert.Equal(0, watermark.AsOfMs);
        watermark.Wrote(1, 10);
        watermark.Wrote(2, 20);
        watermark.Replayed(15);
        Assert.Equal(1, watermark.AsOfMs);
        watermark.Wrote(3, 30);
        watermark.Wrote(4, 40);
        watermark.Wrote(5, 50); // the position of time 2 is forgotten
        watermark.Replayed(29);
        Assert.Equal(1, watermark.AsOfMs);
        watermark.Replayed(50);
        Assert.Equal(5, watermark.AsOfMs);
    }

    public async ValueTask DisposeAsync()
    {
        if (monitor is not null)
        {
            await monitor.DisposeAsync();
            await replica.DisposeAsync();
            await primary.DisposeAsync();
        }

        if (pair is not null)
        {
            await pair.DisposeAsync();
        }
    }

    private Task<object?> ReadAsync(string sql) => router.ReadAsync(replica, primary, async database =>
    {
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Cancel);
    });

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private static async Task UntilAsync(Func<Task<object?>> read, Func<object?, bool> expected)
    {
        var started = Stopwatch.GetTimestamp();
        object? last;
        while (!expected(last = await read()))
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Patience, $"still {last}");
            await Task.Delay(20, Cancel);
        }
    }
}
