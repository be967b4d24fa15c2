using Npgsql;
using StreamPlatform.Postgres.Pool;
using Xunit;

namespace StreamPlatform.Tests.Unit.Postgres;

[Collection(PostgresCollection.Name)]
public sealed class PostgresPoolTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void A_pool_has_20_connections_closes_idle_ones_after_30_s_and_gives_up_after_2_s()
    {
        var full = new NpgsqlConnectionStringBuilder(PostgresPool.Complete("Host=h;Database=d", new PoolOptions()));

        Assert.Equal((20, 30, 2, "streamplatform"), (full.MaxPoolSize, full.ConnectionIdleLifetime, full.Timeout, full.ApplicationName));
    }

    [Fact]
    public void What_the_connection_string_says_is_kept()
    {
        var full = new NpgsqlConnectionStringBuilder(PostgresPool.Complete("Host=h;Maximum Pool Size=7;Timeout=9;Application Name=mine;Connection Idle Lifetime=3;Options=-c jit=off", new PoolOptions()));

        Assert.Equal((7, 3, 9, "mine", "-c jit=off"), (full.MaxPoolSize, full.ConnectionIdleLifetime, full.Timeout, full.ApplicationName, full.Options));
    }

    [Fact]
    public void An_option_out_of_its_range_is_named() =>
        Assert.Contains("MaxConnections is '0'", Assert.Throws<ArgumentException>(() => PostgresPool.Open("Host=h", "primary", new PoolOptions { MaxConnections = 0 }, null)).Message, StringComparison.Ordinal);

    [Fact]
    public async Task No_query_of_a_pool_waits_for_parallel_workers_to_start()
    {
        await using var database = PostgresPool.Open(await postgres.CreateDatabaseAsync(), "test", new PoolOptions(), null);
        await using var command = database.CreateCommand("SHOW max_parallel_workers_per_gather");
        Assert.Equal("0", await command.ExecuteScalarAsync(Cancel));
    }

    [Fact]
    public async Task A_statement_that_takes_too_long_is_ended_by_the_server_also_on_a_connection_used_before()
    {
        var text = await postgres.CreateDatabaseAsync();
        await using var database = PostgresPool.Open(text, "test", new PoolOptions { StatementTimeout = TimeSpan.FromSeconds(1) }, null);
        for (var use = 0; use < 2; use++)
        {
            await using var slow = database.CreateCommand("SELECT pg_sleep(20)");
            var error = await Assert.ThrowsAsync<PostgresException>(() => slow.ExecuteNonQueryAsync(Cancel));
            Assert.Equal(PostgresErrorCodes.QueryCanceled, error.SqlState);
        }
    }
}
