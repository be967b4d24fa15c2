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
        await FillAsync(database);
        var before = await CountsAsync(database);

        await ApplyAsync(database, PostgresMigrations.All);

        Assert.Equal(before, (await CountsAsync(database)).Where(table => before.ContainsKey(table.Key)).ToDictionary());
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
        await FillAsync(database);

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

    private static async Task FillAsync(NpgsqlDataSource database)
    {
        await ExecuteAsync(database, "SELECT ensure_month_partition('interview_sessions', '2026-03-05Z')");
        await ExecuteAsync(database, """
            INSERT INTO tenants VALUES ('t');
            INSERT INTO users (tenant, user_id, email, role) VALUES ('t', 'u', 'a@b.example', 'admin');
            INSERT INTO candidates (tenant, candidate_id, name, updated_at) VALUES ('t', 'c1', 'Ada', '2026-03-05Z');
            INSERT INTO interview_sessions (session_id, tenant, candidate_id, candidate_name, position, jurisdiction, consent_video_emotion, consent_face_presence, consent_blink,
                consent_audio_transcription, consent_given_at, status, degradation_level, question_index, question_count, questions, created_at, updated_at)
            VALUES ('s1', 't', 'c1', 'Ada', 'dev', 'US', true, true, true, true, '2026-03-05Z', 'interviewing', 0, 0, 2,
                '[{"id":"q1","text":"first","kind":"ANSWER_KIND_TYPED"},{"id":"q2","text":"second"}]', '2026-03-05Z', '2026-03-05Z');
            INSERT INTO session_events VALUES ('s1', 'consent/1', 't', '2026-03-05 00:01Z', 'ConsentChanged', '{"consentChanged":{"videoEmotion":false,"audioTranscription":true}}');
            INSERT INTO answers VALUES ('s1/0', 's1', 't', 0, 'q1', 'first', 'typed', 'said', 0, '2026-03-05Z', '2026-03-05Z');
            INSERT INTO audit_events VALUES ('a1', 't', 's1', 'x', 'y', 'z', '2026-03-05Z');
            """);
        await IfThereAsync(database, "scores", """
            INSERT INTO scores (answer_id, session_id, tenant, question_id, question_index, technical, communication, feedback, evidence, engine, rubric_version, needs_human_review, review_reason, scored_at)
            VALUES ('s1/0', 's1', 't', 'q1', 0, 50, 60, 'ok', '[]', 'rubric', '1', true, '', '2026-03-05Z');
            INSERT INTO transcripts (answer_id, session_id, tenant, question_index, text, confidence, engine, speech_ms, audio_ms, segments, completed_at)
            VALUES ('s1/9', 's1', 't', 9, 'x', 1, 'e', 1, 1, 1, '2026-03-05Z');
            """);
        await IfThereAsync(database, "emotion_observations", """
            INSERT INTO emotion_observations (session_id, sequence, captured_at, tenant, question_index, face_count, happy, neutral, dominant, eye_openness, eyes_closed, model_version, analysed_at)
            VALUES ('s1', 1, '2026-03-05Z', 't', 0, 1, 0.8, 0.2, 'happy', 1, false, 'm', '2026-03-05Z');
            INSERT INTO emotion_windows (session_id, start_at, end_at, tenant, frames_analysed, frames_with_face, face_ratio, dominant, blinks, first_sequence, last_sequence)
            VALUES ('s1', '2026-03-05Z', '2026-03-05 00:00:10Z', 't', 1, 1, 1, 'happy', 0, 1, 1);
            """);
    }

    private static async Task IfThereAsync(NpgsqlDataSource database, string table, string sql)
    {
        if (await NumberAsync(database, $"SELECT count(*) FROM pg_class WHERE oid = to_regclass('{table}')") > 0)
        {
            await ExecuteAsync(database, sql);
        }
    }

    private static async Task<Dictionary<string, long>> CountsAsync(NpgsqlDataSource database)
    {
        var counts = new Dictionary<string, long>();
        foreach (var table in new[] { "tenants", "users", "candidates", "interview_sessions", "session_events", "answers", "audit_events", "scores", "transcripts", "emotion_observations", "emotion_windows" })
        {
            if (await NumberAsync(database, $"SELECT count(*) FROM pg_class WHERE oid = to_regclass('{table}')") > 0)
            {
                counts[table] = await NumberAsync(database, $"SELECT count(*) FROM {table}");
            }
        }

        return counts;
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
