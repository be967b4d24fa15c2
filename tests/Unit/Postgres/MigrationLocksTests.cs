using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StreamPlatform.Postgres.Migrations;
using Xunit;

namespace StreamPlatform.Tests.Unit.Postgres;

/// <summary>Migrations beside writers: short locks, indexes built concurrently, what an interrupted run left.</summary>
[Collection(PostgresCollection.Name)]
public sealed class MigrationLocksTests(PostgresFixture postgres)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_lock_that_a_writer_holds_is_asked_for_again_and_nobody_waits_behind_the_migration()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        var first = Migration.Of("0001_a.sql", "CREATE TABLE a (n int)");
        await ApplyAsync(database, [first]);
        await using var writer = await database.OpenConnectionAsync(Cancel);
        await using var transaction = await writer.BeginTransactionAsync(Cancel);
        await ExecuteAsync(writer, "INSERT INTO a VALUES (1)");

        var migrating = ApplyAsync(database, [first, Migration.Of("0002_b.sql", "ALTER TABLE a ADD COLUMN m int")]);
        var longest = TimeSpan.Zero;
        await using var other = await database.OpenConnectionAsync(Cancel);
        var started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(2))
        {
            var write = Stopwatch.GetTimestamp();
            await ExecuteAsync(other, "INSERT INTO a VALUES (2)");
            longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, Stopwatch.GetElapsedTime(write).Ticks));
        }

        Assert.False(migrating.IsCompleted, "the writer still holds the table");
        await transaction.CommitAsync(Cancel);
        Assert.Equal(1, await migrating);
        Assert.True(longest < LongestPause, $"a writer waited {longest.TotalMilliseconds:0} ms");
    }

    [Fact]
    public async Task An_index_that_an_interrupted_run_left_invalid_is_built_again()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        var table = Migration.Of("0001_a.sql", "CREATE TABLE a (n int); INSERT INTO a VALUES (1), (1)");
        await ApplyAsync(database, [table]);
        await using (var connection = await database.OpenConnectionAsync(Cancel))
        {
            // a build that fails leaves the index behind, as a killed one does
            await Assert.ThrowsAsync<PostgresException>(() => ExecuteAsync(connection, "CREATE UNIQUE INDEX CONCURRENTLY a_n ON a (n)"));
            Assert.Equal("a_n", await TextAsync(connection, "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"));
        }

        await ApplyAsync(database, [table, Migration.Of("0002_b.sql", "-- runs: concurrently\nCREATE INDEX CONCURRENTLY a_n ON a (n);\n")]);

        await using var checking = await database.OpenConnectionAsync(Cancel);
        Assert.Equal("CREATE INDEX a_n ON public.a USING btree (n)", await TextAsync(checking, "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indisvalid AND indrelid = 'a'::regclass"));
    }

    [Fact]
    public async Task A_partitioned_table_gets_its_index_partition_by_partition_also_after_an_interruption()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        var table = Migration.Of("0001_p.sql", """
            CREATE TABLE p (n int) PARTITION BY RANGE (n);
            CREATE TABLE p_1 PARTITION OF p FOR VALUES FROM (0) TO (10);
            CREATE TABLE p_2 PARTITION OF p FOR VALUES FROM (10) TO (20);
            """);
        await ApplyAsync(database, [table]);
        await using (var connection = await database.OpenConnectionAsync(Cancel))
        {
            // interrupted after the first of two partitions
            await ExecuteAsync(connection, "CREATE INDEX p_n ON ONLY p (n)");
            await ExecuteAsync(connection, "CREATE INDEX p_n_p_1 ON p_1 (n)");
            await ExecuteAsync(connection, "ALTER INDEX p_n ATTACH PARTITION p_n_p_1");
        }

        await ApplyAsync(database, [table, Migration.Of("0002_b.sql", "-- runs: concurrently\nCREATE INDEX CONCURRENTLY p_n ON p (n);\n")]);

        await using var checking = await database.OpenConnectionAsync(Cancel);
        Assert.Equal("p_n,p_n_p_1,p_n_p_2", await TextAsync(checking, "SELECT string_agg(indexrelid::regclass::text, ',' ORDER BY 1) FROM (SELECT indexrelid FROM pg_index WHERE indisvalid AND indrelid IN ('p'::regclass, 'p_1'::regclass, 'p_2'::regclass) ORDER BY 1) i"));
    }

    [Fact]
    public void A_long_partition_name_gives_an_index_name_that_is_short_enough_and_its_own()
    {
        var (one, two) = (new string('a', 60) + "_2026_01", new string('a', 60) + "_2026_02");

        Assert.Equal(63, ConcurrentIndex.ChildName("i", one).Length);
        Assert.NotEqual(ConcurrentIndex.ChildName("i", one), ConcurrentIndex.ChildName("i", two));
    }

    /// <summary>The files from 0210 on, run on tables of two million rows and less while three writers measure how long each write takes.</summary>
    [Fact]
    [Trait("Run", "all")]
    public async Task No_write_to_a_big_table_waits_for_a_second_while_it_is_migrated()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        await ApplyAsync(database, [.. PostgresMigrations.All.Where(migration => migration.Version < 210)]);
        await using (var filling = await database.OpenConnectionAsync(Cancel))
        {
            foreach (var sql in Rows)
            {
                await ExecuteAsync(filling, sql);
            }
        }

        await using (var statistics = await database.OpenConnectionAsync(Cancel))
        {
            await ExecuteAsync(statistics, "ANALYZE"); // as autovacuum has done long before a table is big
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        await using var others = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.ConnectionString) { MaxPoolSize = 8 });
        var writers = Writes.Select(sql => WriteAsync(others, sql, stop.Token)).ToArray();
        var started = Stopwatch.GetTimestamp();
        await ApplyAsync(database, PostgresMigrations.All);
        var took = Stopwatch.GetElapsedTime(started);
        await stop.CancelAsync();
        var pauses = await Task.WhenAll(writers);

        TestContext.Current.SendDiagnosticMessage($"migrations {took.TotalSeconds:0.0} s; writes {string.Join(", ", pauses.Select(p => p.Writes))}; longest {string.Join(", ", pauses.Select(p => $"{p.Longest.TotalMilliseconds:0} ms"))}");
        Assert.All(pauses, pause => Assert.True(pause.Writes > 10 && pause.Longest < LongestPause, $"{pause.Writes} writes, one waited {pause.Longest.TotalMilliseconds:0} ms: {pause.Sql}"));
    }

    private static readonly string[] Rows =
    [
        "SELECT ensure_month_partition('interview_sessions', m), ensure_month_partition('emotion_observations', m) FROM unnest(ARRAY['2026-01-01Z', '2026-02-01Z', '2026-03-01Z']::timestamptz[]) m",
        "INSERT INTO candidates SELECT 't', 'c' || n, 'name', '2026-01-01Z' FROM generate_series(1, 500000) n",
        "INSERT INTO interview_sessions SELECT 's' || n, 't', 'c' || n, 'name', 'dev', 'US', true, true, true, true, '2026-01-01Z', 'completed', 0, 0, 1, '[{\"id\":\"q\",\"text\":\"x\"}]', '2026-01-01Z'::timestamptz + n * interval '12 s', '2026-01-01Z' FROM generate_series(1, 500000) n",
        "INSERT INTO emotion_observations (session_id, sequence, captured_at, tenant, question_index, face_count, dominant, eye_openness, eyes_closed, model_version, analysed_at) SELECT 's' || n / 100, n, '2026-01-01Z'::timestamptz + n * interval '3 s', 't', 0, 0, '', 0, false, '', '2026-01-01Z' FROM generate_series(1, 2000000) n",
    ];

    private static readonly string[] Writes =
    [
        "UPDATE candidates SET name = 'other' WHERE tenant = 't' AND candidate_id = 'c' || (($1 * 7919) % 500000 + 1)",
        "INSERT INTO interview_sessions SELECT 'new' || $1, 't', 'c1', 'name', 'dev', 'US', true, true, true, true, NULL, 'active', 0, 0, 0, '[]', '2026-02-03Z', '2026-02-03Z'",
        "INSERT INTO emotion_observations (session_id, sequence, captured_at, tenant, question_index, face_count, dominant, eye_openness, eyes_closed, model_version, analysed_at) VALUES ('new', $1, '2026-02-03Z', 't', 0, 0, '', 0, false, '', '2026-02-03Z')",
    ];

    private static async Task<(string Sql, int Writes, TimeSpan Longest)> WriteAsync(NpgsqlDataSource database, string sql, CancellationToken stop)
    {
        var (count, longest) = (0, TimeSpan.Zero);
        await using var connection = await database.OpenConnectionAsync(Cancel);
        await ExecuteAsync(connection, "SET synchronous_commit = off"); // locks are measured, not the disk
        while (!stop.IsCancellationRequested)
        {
            await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new() { Value = count } } };
            var started = Stopwatch.GetTimestamp();
            await command.ExecuteNonQueryAsync(Cancel);
            longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, Stopwatch.GetElapsedTime(started).Ticks));
            count++;
        }

        return (sql, count, longest);
    }

    private static Task<int> ApplyAsync(NpgsqlDataSource database, IReadOnlyList<Migration> migrations) =>
        PostgresMigrations.ApplyAsync(database, migrations, NullLoggerFactory.Instance, TimeProvider.System, Cancel);

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 300 };
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private static async Task<string?> TextAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(Cancel) as string;
    }
}
