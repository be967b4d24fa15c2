using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StreamPlatform.Postgres.Migrations;
using StreamPlatform.Postgres.Stores;
using StreamPlatform.Tests.Unit.Postgres;
using StreamPlatform.Topology.Ports;
using Xunit;

namespace StreamPlatform.Tests.Unit.EmotionSeries;

/// <summary>The contract on partitioned PostgreSQL tables, and what only they do.</summary>
[Collection(PostgresCollection.Name)]
public sealed class PostgresEmotionSeriesTests(PostgresFixture postgres) : EmotionSeriesContract, IAsyncLifetime
{
    private const long March = 1_772_625_600_123; // 2026-03-04T12:00:00.123Z
    private const long April = 1_775_304_000_456;

    private NpgsqlDataSource _database = null!;
    private PostgresEmotionStore _store = null!;

    protected override IEmotionSeriesStore Store => _store;

    protected override IEmotionSeriesReader Reader => new EmotionSeriesQueries(_database);

    public async ValueTask InitializeAsync()
    {
        _database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        _store = new PostgresEmotionStore(_database);
        await ApplyAsync(PostgresMigrations.All);
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
        {
            await _database.DisposeAsync();
        }
    }

    [Fact]
    public async Task Windows_of_each_month_go_to_a_partition_of_their_own()
    {
        await Store.WriteWindowsAsync([Window(March), Window(April), Window(0)], Cancel);

        Assert.Equal(["emotion_windows_2026_03", "emotion_windows_2026_04", "emotion_windows_other"], await PartitionsAsync());
    }

    [Fact]
    public async Task Windows_from_before_the_partitions_stay_and_new_months_are_added_to_them()
    {
        await _database.DisposeAsync();
        _database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        _store = new PostgresEmotionStore(_database);
        await ApplyAsync([.. PostgresMigrations.All.Where(migration => migration.Version < 200)]);
        await ExecuteAsync("INSERT INTO emotion_windows (session_id, start_at, end_at, tenant, frames_analysed, frames_with_face, face_ratio, dominant, blinks, first_sequence, last_sequence) " +
            "SELECT 's' || n, now() - n * interval '1 day', now(), 't', 1, 1, 1, '', 0, 0, 1 FROM generate_series(0, 100) AS n");

        await ApplyAsync(PostgresMigrations.All);
        var nextMonth = TimeProvider.System.GetUtcNow().AddMonths(2).ToUnixTimeMilliseconds();
        await Store.WriteWindowsAsync([Window(nextMonth), Window(TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds())], Cancel);

        var partitions = await PartitionsAsync();
        Assert.Equal(2, partitions.Count);
        Assert.StartsWith("emotion_windows_before_", partitions[1], StringComparison.Ordinal);
        Assert.Single(await Reader.ReadWindowsAsync("s100", EmotionPages.Beginning, 10, Cancel));
        Assert.Single(await Reader.ReadDayAsync("t", DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime.AddDays(-50)), null, 10, Cancel));
    }

    [Fact]
    public async Task Every_read_uses_an_index()
    {
        await Store.WriteEmotionsAsync([.. Enumerable.Range(0, 5000).Select(n => Observation(n, session: $"s{n % 50}"))], Cancel);
        await Store.WriteWindowsAsync([.. Enumerable.Range(0, 5000).Select(n => Window(March + (n * 10_000), session: $"s{n % 50}", tenant: $"t{n % 20}"))], Cancel);
        await ExecuteAsync("ANALYZE emotion_observations; ANALYZE emotion_windows");

        Assert.DoesNotContain("Seq Scan on emotion_observations_2026_03", await PlanAsync(EmotionSeriesQueries.Emotions, "'s1'", "100", "100"), StringComparison.Ordinal);
        Assert.DoesNotContain("Seq Scan on emotion_windows_2026_03", await PlanAsync(EmotionSeriesQueries.Windows, "'s1'", "'2026-03-04 12:10:00+00'", "100"), StringComparison.Ordinal);
        var day = await PlanAsync(EmotionSeriesQueries.Day, "'t1'", "'2026-03-04 00:00:00+00'", "'2026-03-05 00:00:00+00'", "'2026-03-04 12:10:00+00'", "'s1'", "100");
        Assert.DoesNotContain("Seq Scan", day, StringComparison.Ordinal);
        Assert.DoesNotContain("2026_04", day, StringComparison.Ordinal); // pruned
    }

    private async Task<string> PlanAsync(string sql, params string[] values)
    {
        for (var n = values.Length; n > 0; n--)
        {
            sql = sql.Replace($"${n}", values[n - 1], StringComparison.Ordinal);
        }

        return string.Join('\n', await TextsAsync("EXPLAIN " + sql));
    }

    private Task<List<string>> PartitionsAsync() => TextsAsync("SELECT DISTINCT tableoid::regclass::text AS name FROM emotion_windows ORDER BY name");

    private Task<int> ApplyAsync(IReadOnlyList<Migration> migrations) =>
        PostgresMigrations.ApplyAsync(_database, migrations, NullLoggerFactory.Instance, TimeProvider.System, Cancel);

    private async Task ExecuteAsync(string sql)
    {
        await using var command = _database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private async Task<List<string>> TextsAsync(string sql)
    {
        List<string> texts = [];
        await using var command = _database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(Cancel);
        while (await reader.ReadAsync(Cancel))
        {
            texts.Add(reader.GetString(0));
        }

        return texts;
    }
}
