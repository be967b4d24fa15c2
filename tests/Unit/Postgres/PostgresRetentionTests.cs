using Npgsql;
using StreamPlatform.Postgres.Stores;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Postgres;

/// <summary>Rows go when their time is over, in bounded runs, and one process at a time is at it.</summary>
public sealed class PostgresRetentionTests(PostgresFixture postgres) : MigratedDatabase(postgres)
{
    private readonly VirtualTime time = new();

    [Fact]
    public async Task Transcripts_go_after_four_years_with_their_segments_and_evaluations_after_seven()
    {
        time.Advance(new DateTimeOffset(2031, 1, 15, 0, 0, 0, TimeSpan.Zero) - time.GetUtcNow()); // months before 2020 have no partition of their own
        var now = time.GetUtcNow().UtcDateTime;
        foreach (var (id, years) in new[] { ("young", 3), ("four", 5), ("seven", 8) })
        {
            var at = now.AddYears(-years);
            await ExecuteAsync("INSERT INTO transcripts (answer_id, session_id, tenant, question_index, text, confidence, engine, speech_ms, audio_ms, segments, completed_at) VALUES ($1, $1, 't', 0, 'text', 1, 'e', 1, 1, 1, $2)", id, at);
            await ExecuteAsync("INSERT INTO transcript_segments VALUES ($1, $1, 't', 0, 0, 0, 1, 'text', 1, 'e')", id);
            await ExecuteAsync("INSERT INTO transcript_revisions VALUES ($1, 0, $1, 't', 'text', 1, 'e', '', '')", id);
            await ExecuteAsync("INSERT INTO audit_events VALUES ($1, 't', $1, 'a', 'b', 'c', $2)", id, at);
            await ExecuteAsync("SELECT ensure_month_partition('emotion_observations', $1)", at);
            await ExecuteAsync("INSERT INTO emotion_observations (session_id, sequence, captured_at, tenant, question_index, face_count, dominant, eye_openness, eyes_closed, model_version, analysed_at) VALUES ($1, 1, $2, 't', 0, 0, '', 0, false, 'm', $2)", id, at);
            await ExecuteAsync("SELECT ensure_month_partition('emotion_windows', $1)", at);
            await ExecuteAsync("INSERT INTO emotion_windows (session_id, start_at, end_at, tenant, frames_analysed, frames_with_face, face_ratio, dominant, blinks, first_sequence, last_sequence) VALUES ($1, $2, $2, 't', 1, 1, 1, '', 0, 1, 1)", id, at);
            await ExecuteAsync("INSERT INTO questions (session_id, question_index, tenant, question_id, text, kind, category, passage, key_points, follow_up_of, source, updated_at) VALUES ($1, 0, 't', 'q', 'x', '', '', '', '[]', '', '', $2)", id, at);
            await ExecuteAsync("INSERT INTO consents VALUES ($1, $2, 't', true, true, true, true)", id, at);
            await SessionAsync(id, at);
        }

        var deleted = await new PostgresRetention(Database, new(), time).RunAsync(Cancel);
        Assert.Equal(2, deleted["transcripts"]);
        Assert.Equal(1, deleted["audit_events"]);
        Assert.Equal(2, deleted["emotion_observations"]);
        Assert.Equal(["young"], await ColumnAsync("SELECT answer_id FROM transcripts"));
        Assert.Equal(["young"], await ColumnAsync("SELECT session_id FROM transcript_segments"));
        Assert.Equal(["young"], await ColumnAsync("SELECT answer_id FROM transcript_revisions"));
        Assert.Equal(["young"], await ColumnAsync("SELECT session_id FROM emotion_observations"));
        Assert.Equal(["young"], await ColumnAsync("SELECT session_id FROM emotion_windows"));
        Assert.Equal(["four", "young"], await ColumnAsync("SELECT audit_id FROM audit_events ORDER BY 1"));
        foreach (var table in new[] { "questions", "consents", "interview_sessions", "session_index" })
        {
            Assert.Equal(["four", "young"], await ColumnAsync($"SELECT session_id FROM {table} ORDER BY 1"));
        }

        Assert.Empty(await new PostgresRetention(Database, new(), time).RunAsync(Cancel));
    }

    [Fact]
    public async Task A_session_is_found_by_its_id_as_long_as_its_month_is_there()
    {
        time.Advance(new DateTimeOffset(2031, 1, 20, 0, 0, 0, TimeSpan.Zero) - time.GetUtcNow());
        var over = time.GetUtcNow().UtcDateTime.AddDays(-new RowRetention().EvaluationDays - 1);
        await SessionAsync("over", over);

        await new PostgresRetention(Database, new(), time).RunAsync(Cancel);

        Assert.Equal(["over"], await ColumnAsync("SELECT session_id FROM session_index JOIN interview_sessions USING (session_id, created_at)"));
        time.Advance(TimeSpan.FromDays(31));
        await new PostgresRetention(Database, new(), time).RunAsync(Cancel);
        Assert.Empty(await ColumnAsync("SELECT session_id FROM interview_sessions UNION ALL SELECT session_id FROM session_index"));
    }

    [Fact]
    public async Task A_run_is_bounded_and_the_next_goes_on()
    {
        await ExecuteAsync("INSERT INTO audit_events SELECT i::text, 't', '', 'a', 'b', 'c', $1 FROM generate_series(1, 2500) i", time.GetUtcNow().UtcDateTime.AddYears(-8));
        var retention = new PostgresRetention(Database, new() { BatchRows = 500, MaxRows = 1_000 }, time);
        Assert.Equal(1_000, (await retention.RunAsync(Cancel))["audit_events"]);
        Assert.Equal(1_000, (await retention.RunAsync(Cancel))["audit_events"]);
        Assert.Equal(500, (await retention.RunAsync(Cancel))["audit_events"]);
    }

    [Fact]
    public async Task A_table_that_fails_keeps_no_other_from_being_cleaned()
    {
        await ExecuteAsync("ALTER TABLE emotion_observations RENAME TO away"); // the first of the months
        await ExecuteAsync("ALTER TABLE answers RENAME TO away_too");
        var at = time.GetUtcNow().UtcDateTime.AddYears(-8);
        var retention = new PostgresRetention(Database, new(), time);
        foreach (var told in new[] { true, false })
        {
            await ExecuteAsync("INSERT INTO ai_spending (account, usd, updated_at) VALUES ('a', 1, $1)", at);
            await ExecuteAsync("INSERT INTO audit_events VALUES ('a', 't', '', 'a', 'b', 'c', $1)", at);
            List<Exception> failures = [];
            if (told)
            {
                Assert.Equal([new("ai_spending", 1L), new("audit_events", 1L)], await retention.RunAsync(Cancel, failures.Add));
                Assert.Equal(2, failures.Count);
            }
            else
            {
                Assert.Contains("emotion_observations", (await Assert.ThrowsAsync<PostgresException>(() => retention.RunAsync(Cancel))).Message, StringComparison.Ordinal);
            }

            Assert.Empty(await ColumnAsync("SELECT account FROM ai_spending UNION ALL SELECT audit_id FROM audit_events"));
        }
    }

    [Fact]
    public async Task A_slow_deletion_has_more_time_than_the_pool_allows()
    {
        await ExecuteAsync("INSERT INTO ai_spending (account, usd, updated_at) VALUES ('a', 1, $1)", time.GetUtcNow().UtcDateTime.AddYears(-8));
        await ExecuteAsync("CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(1.5); RETURN OLD; END'");
        await ExecuteAsync("CREATE TRIGGER slowly BEFORE DELETE ON ai_spending FOR EACH ROW EXECUTE FUNCTION slowly()");
        await using var pool = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Database.ConnectionString) { Options = "-c statement_timeout=1000" });

        Assert.Equal([new("ai_spending", 1L)], await new PostgresRetention(pool, new(), time).RunAsync(Cancel));
    }

    [Fact]
    public async Task One_process_at_a_time_cleans_up()
    {
        var retention = new PostgresRetention(Database, new(), time);
        var inner = true;
        Assert.True(await retention.AloneAsync(async () => inner = await retention.AloneAsync(() => Task.CompletedTask, Cancel), Cancel));
        Assert.False(inner);
        Assert.True(await retention.AloneAsync(() => Task.CompletedTask, Cancel));
    }

    private async Task SessionAsync(string id, DateTime at)
    {
        await ExecuteAsync("SELECT ensure_month_partition('interview_sessions', $1)", at);
        await ExecuteAsync("""
            INSERT INTO interview_sessions (session_id, tenant, candidate_id, candidate_name, position, jurisdiction, consent_video_emotion, consent_face_presence, consent_blink,
                consent_audio_transcription, status, degradation_level, question_index, question_count, questions, created_at, updated_at)
            VALUES ($1, 't', 'c', 'Ada', 'dev', 'US', true, true, true, true, 'completed', 0, 0, 0, '[]', $2, $2)
            """, id, at);
    }

    private async Task ExecuteAsync(string sql, params object[] values)
    {
        await using var command = Database.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        await command.ExecuteNonQueryAsync(Cancel);
    }

    private async Task<string[]> ColumnAsync(string sql)
    {
        await using var command = Database.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(Cancel);
        List<string> values = [];
        while (await reader.ReadAsync(Cancel))
        {
            values.Add(reader.GetString(0));
        }

        return [.. values];
    }
}
