using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StreamPlatform.Postgres.Migrations;
using Xunit;

namespace StreamPlatform.Tests.Unit.Postgres;

[Collection(PostgresCollection.Name)]
public sealed class PostgresMigrationsTests(PostgresFixture postgres)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_empty_database_gets_every_migration_and_a_second_start_none()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());

        Assert.Equal(PostgresMigrations.All.Count, await ApplyAsync(database));
        Assert.Equal(0, await ApplyAsync(database));
        Assert.Equal(PostgresMigrations.All.Count, await CountAsync(database, "SELECT count(*) FROM schema_migrations"));
    }

    [Fact]
    public async Task Instances_that_start_together_apply_each_migration_once()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());

        var applied = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => ApplyAsync(database)));

        Assert.Equal(PostgresMigrations.All.Count, applied.Sum());
    }

    [Fact]
    public async Task A_migration_changed_after_it_was_applied_is_refused_by_name()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        await ApplyAsync(database, PostgresMigrations.Of("0001_a.sql", "CREATE TABLE a (n int)"));

        var error = await Assert.ThrowsAsync<PostgresMigrationException>(() => ApplyAsync(database, PostgresMigrations.Of("0001_a.sql", "CREATE TABLE a (n bigint)")));

        Assert.Contains("0001_a.sql was changed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_of_a_newer_program_is_refused()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        var first = PostgresMigrations.Of("0001_a.sql", "CREATE TABLE a (n int)");
        await ApplyAsync(database, first, PostgresMigrations.Of("0002_b.sql", "CREATE TABLE b (n int)"));

        var error = await Assert.ThrowsAsync<PostgresMigrationException>(() => ApplyAsync(database, first));

        Assert.Contains("newer version", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_migration_that_fails_leaves_nothing_of_itself()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        var good = PostgresMigrations.Of("0001_a.sql", "CREATE TABLE a (n int)");

        await Assert.ThrowsAsync<PostgresException>(() => ApplyAsync(database, good, PostgresMigrations.Of("0002_b.sql", "CREATE TABLE b (n int); SELECT 1/0")));

        Assert.Equal(1, await CountAsync(database, "SELECT count(*) FROM schema_migrations"));
        Assert.Equal(1, await ApplyAsync(database, good, PostgresMigrations.Of("0002_b.sql", "CREATE TABLE b (n int)")));
    }

    [Fact]
    public void Line_ends_do_not_change_a_checksum() =>
        Assert.Equal(PostgresMigrations.Of("0001_a.sql", "SELECT 1;\nSELECT 2;\n").Checksum, PostgresMigrations.Of("0001_a.sql", "SELECT 1;\r\nSELECT 2;\r\n").Checksum);

    private static Task<int> ApplyAsync(NpgsqlDataSource database, params Migration[] migrations) =>
        PostgresMigrations.ApplyAsync(database, migrations.Length == 0 ? PostgresMigrations.All : migrations, NullLoggerFactory.Instance, TimeProvider.System, Cancel);

    private static async Task<long> CountAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Cancel))!;
    }
}
