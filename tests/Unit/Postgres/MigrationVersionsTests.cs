using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using StreamPlatform.Postgres.Migrations;
using Xunit;

namespace StreamPlatform.Tests.Unit.Postgres;

/// <summary>From every version that a database may have, with rows in it, to this one.</summary>
[Collection(PostgresCollection.Name)]
public sealed partial class MigrationVersionsTests(PostgresFixture postgres)
{
    private const int FirstNonBlocking = 210;

    private static readonly string[] Seeds =
    [
        "users", "candidates", "interview_sessions", "questions", "answers", "emotion_analysis", "scores", "api_keys", "optimizations", "interview_responses", "consents",
        "audit_events", "score_reviews", "deliveries",
    ];

    // what S1, S2 and S4 name; idx_sessions_user and idx_emotion_session: see docs/stores.md
    private static readonly string[] SeedIndexes =
    [
        "idx_sessions_user_id", "idx_sessions_created_at", "idx_sessions_status", "idx_answers_session", "idx_emotion_timestamp", "idx_candidates_status", "idx_optimizations_job_id",
        "idx_optimizations_status", "idx_optimizations_created",
    ];

    private static Task<List<string>>? fromEmpty;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<int> Versions => [.. PostgresMigrations.All.Select(migration => migration.Version)];

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task A_database_of_every_version_keeps_its_rows_and_ends_with_the_same_schema(int version)
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        await ApplyAsync(database, PostgresMigrations.All.TakeWhile(migration => migration.Version <= version));
        await VersionRows.FillAsync(database, Cancel);
        var before = await VersionRows.ReadAsync(database, Cancel);
        Assert.All(before, table => Assert.True(table.Rows > 0, $"{table.Name} has no row in this test: add one to {nameof(VersionRows)}"));

        await ApplyAsync(database, PostgresMigrations.All);

        Assert.Equal(before, await VersionRows.ReadAgainAsync(database, before, Cancel));
        Assert.Equal(await (fromEmpty ??= FromEmptyAsync()), await SchemaCatalogue.ReadAsync(database, Cancel));
        Assert.Equal(0, await NumberAsync(database, "SELECT count(*) FROM pg_index WHERE NOT indisvalid"));
        Assert.Equal(0, await NumberAsync(database, """
            SELECT count(*) FROM pg_inherits t JOIN pg_index p ON p.indrelid = t.inhparent
            WHERE NOT EXISTS (SELECT 1 FROM pg_index i JOIN pg_inherits a ON a.inhrelid = i.indexrelid WHERE i.indrelid = t.inhrelid AND a.inhparent = p.indexrelid)
            """));
        if (version < 214)
        {
            Assert.Equal("interviewing", await TextAsync(database, "SELECT string_agg(DISTINCT status, ',') FROM candidates"));
            Assert.Equal("0 first,1 second", await TextAsync(database, "SELECT string_agg(question_index || ' ' || text, ',' ORDER BY question_index) FROM questions"));
            Assert.Equal(2, await NumberAsync(database, "SELECT count(*) FROM consents"));
        }

        Assert.Equal("s1 2026-03-05", await TextAsync(database, "SELECT string_agg(session_id || ' ' || (created_at AT TIME ZONE 'UTC')::date, ',') FROM session_index"));
    }

    [Fact]
    public async Task Every_table_and_index_that_a_seed_names_is_there()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        await ApplyAsync(database, PostgresMigrations.All);

        foreach (var name in Seeds.Concat(SeedIndexes))
        {
            Assert.Equal(1, await NumberAsync(database, $"SELECT count(*) FROM pg_class WHERE oid = to_regclass('{name}')"));
        }
    }

    [Fact]
    public async Task The_views_give_what_the_seeds_ask_of_their_tables()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        await ApplyAsync(database, PostgresMigrations.All);
        await VersionRows.FillAsync(database, Cancel);

        Assert.Equal("happy 0.8 true", await TextAsync(database, "SELECT emotion || ' ' || confidence || ' ' || face_detected FROM emotion_analysis WHERE session_id = 's1' AND kind = 'frame'"));
        Assert.Equal("said", await TextAsync(database, "SELECT transcript FROM interview_responses WHERE session_id = 's1'"));
        Assert.Equal("c1 interviewing", await TextAsync(database, "SELECT user_id || ' ' || status FROM interview_session_details WHERE id = 's1'"));
    }

    [Fact]
    public void From_0210_on_no_file_holds_a_lock_for_the_length_of_a_table()
    {
        foreach (var migration in PostgresMigrations.All.Where(migration => migration.Version >= FirstNonBlocking && migration.Kind == MigrationKind.Transaction))
        {
            var made = CreateTable().Matches(migration.Sql).Select(found => found.Groups[1].Value).ToHashSet();
            var altered = AlterTable().Matches(migration.Sql).Select(found => found.Groups[1].Value).Where(table => !made.Contains(table)).Distinct().ToArray();
            Assert.True(altered.Length <= 1, $"{migration.Name} locks {string.Join(" and ", altered)}: one waits for the other's lock; one table per file");
            Assert.True(altered.Length == 0 || !Update().IsMatch(migration.Sql), $"{migration.Name} changes rows under the lock of {altered.FirstOrDefault()}: put them into a file that runs in batches");
            Assert.All(CreateIndex().Matches(migration.Sql), found => Assert.True(made.Contains(found.Groups[1].Value), $"{migration.Name} builds an index of {found.Groups[1].Value} under its lock: run it concurrently"));
            Assert.False(Scanning().IsMatch(migration.Sql), $"{migration.Name} scans a table under its lock: add the constraint NOT VALID, VALIDATE it in a file that runs concurrently");
        }
    }

    private async Task<List<string>> FromEmptyAsync()
    {
        await using var database = NpgsqlDataSource.Create(await postgres.CreateDatabaseAsync());
        await ApplyAsync(database, PostgresMigrations.All);
        return await SchemaCatalogue.ReadAsync(database, Cancel);
    }

    private static Task<int> ApplyAsync(NpgsqlDataSource database, IEnumerable<Migration> migrations) =>
        PostgresMigrations.ApplyAsync(database, [.. migrations], NullLoggerFactory.Instance, TimeProvider.System, Cancel);

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Cancel);
    }

    private static async Task<long> NumberAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(Cancel))!;
    }

    private static async Task<string?> TextAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync(Cancel) as string;
    }

    [GeneratedRegex(@"CREATE TABLE (\w+)")]
    private static partial Regex CreateTable();

    [GeneratedRegex(@"ALTER TABLE (\w+)")]
    private static partial Regex AlterTable();

    [GeneratedRegex(@"CREATE (?:UNIQUE )?INDEX \w+ ON (\w+)")]
    private static partial Regex CreateIndex();

    [GeneratedRegex(@"^(UPDATE|DELETE FROM) ", RegexOptions.Multiline)]
    private static partial Regex Update();

    [GeneratedRegex(@"SET NOT NULL|VALIDATE CONSTRAINT|ALTER COLUMN \w+ TYPE|ADD CONSTRAINT (?![^;]*NOT VALID)")]
    private static partial Regex Scanning();
}
