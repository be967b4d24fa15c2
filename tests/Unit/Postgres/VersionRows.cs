using Npgsql;

namespace StreamPlatform.Tests.Unit.Postgres;

/// <summary>Rows in every table of a database of any version, and what they hold.</summary>
internal static class VersionRows
{
    private static readonly (string Table, string Sql)[] Rows =
    [
        ("tenants", "INSERT INTO tenants VALUES ('t')"),
        ("users", "INSERT INTO users (tenant, user_id, email, role) VALUES ('t', 'u', 'a@b.example', 'admin')"),
        ("candidates", "INSERT INTO candidates (tenant, candidate_id, name, updated_at) VALUES ('t', 'c1', 'Ada', '2026-03-05Z')"),
        ("interview_sessions", """
            INSERT INTO interview_sessions (session_id, tenant, candidate_id, candidate_name, position, jurisdiction, consent_video_emotion, consent_face_presence, consent_blink,
                consent_audio_transcription, consent_given_at, status, degradation_level, question_index, question_count, questions, created_at, updated_at)
            VALUES ('s1', 't', 'c1', 'Ada', 'dev', 'US', true, true, true, true, '2026-03-05Z', 'interviewing', 0, 0, 2,
                '[{"id":"q1","text":"first","kind":"ANSWER_KIND_TYPED"},{"id":"q2","text":"second"}]', '2026-03-05Z', '2026-03-05Z')
            """),
        ("session_events", """INSERT INTO session_events VALUES ('s1', 'consent/1', 't', '2026-03-05 00:01Z', 'ConsentChanged', '{"consentChanged":{"videoEmotion":false,"audioTranscription":true}}')"""),
        ("answers", "INSERT INTO answers VALUES ('s1/0', 's1', 't', 0, 'q1', 'first', 'typed', 'said', 0, '2026-03-05Z', '2026-03-05Z')"),
        ("audit_events", "INSERT INTO audit_events VALUES ('a1', 't', 's1', 'x', 'y', 'z', '2026-03-05Z')"),
        ("scores", """
            INSERT INTO scores (answer_id, session_id, tenant, question_id, question_index, technical, communication, feedback, evidence, engine, rubric_version, needs_human_review, review_reason, scored_at)
            VALUES ('s1/0', 's1', 't', 'q1', 0, 50, 60, 'ok', '[]', 'rubric', '1', true, '', '2026-03-05Z')
            """),
        ("transcripts", """
            INSERT INTO transcripts (answer_id, session_id, tenant, question_index, text, confidence, engine, speech_ms, audio_ms, segments, completed_at)
            VALUES ('s1/9', 's1', 't', 9, 'x', 1, 'e', 1, 1, 1, '2026-03-05Z')
            """),
        ("transcript_segments", "INSERT INTO transcript_segments VALUES ('s1/9/0', 's1', 't', 9, 0, 0, 1, 'x', 1, 'e')"),
        ("transcript_revisions", "INSERT INTO transcript_revisions VALUES ('s1/9', 0, 's1', 't', 'x', 1, 'e', '', '')"),
        ("score_reviews", """
            INSERT INTO score_reviews (answer_id, session_id, tenant, state, revision, opened_at, reviewer, decision, previous_technical, previous_communication, previous_engine)
            VALUES ('s1/7', 's1', 't', 'open', 0, '2026-03-05Z', '', '', 0, 0, '')
            """),
        ("reports", """
            INSERT INTO reports SELECT * FROM jsonb_populate_record(NULL::reports, '{"session_id":"s1","tenant":"t","candidate_id":"c1","position":"dev","overall":60,"technical":61,"communication":62,
                "emotion":63,"behaviour":64,"dominant":"happy","frames_analysed":9,"frames_with_face":8,"frames_dead_lettered":0,"blinks":1,"speech_ms":2,"audio_ms":3,"needs_human_review":true,
                "notes":["note"],"started_at":"2026-03-05Z","completed_at":"2026-03-05Z","revision":1,"document":{}}')
            """), // the document is of 0130 on
        ("emotion_observations", """
            INSERT INTO emotion_observations (session_id, sequence, captured_at, tenant, question_index, face_count, happy, neutral, dominant, eye_openness, eyes_closed, model_version, analysed_at)
            VALUES ('s1', 1, '2026-03-05Z', 't', 0, 1, 0.8, 0.2, 'happy', 1, false, 'm', '2026-03-05Z')
            """),
        ("emotion_windows", """
            INSERT INTO emotion_windows (session_id, start_at, end_at, tenant, frames_analysed, frames_with_face, face_ratio, dominant, blinks, first_sequence, last_sequence)
            VALUES ('s1', '2026-03-05Z', '2026-03-05 00:00:10Z', 't', 1, 1, 1, 'happy', 0, 1, 1)
            """),
        ("resume_items", "INSERT INTO resume_items VALUES ('task', 0, 't', 'c1', 'job', 1, 1, '2026-03-05Z')"),
        ("optimizations", "INSERT INTO optimizations VALUES ('task', 0, 't', 'c1', 'job', 1, 1, 'done', 50, 's', 'o', '[]', '[]', '', false, 'e', '1', false, '', 0, '2026-03-05Z')"),
        ("resume_cache", "INSERT INTO resume_cache VALUES ('t', 'job', 'c1', 1, 'hash', '', '2026-03-05Z')"),
        ("ai_spending", "INSERT INTO ai_spending (account, usd) VALUES ('session/s1', 0.5)"),
        ("questions", "INSERT INTO questions VALUES ('s1', 0, 't', 'q1', 'first', 'typed', '', NULL, NULL, '', '[]', '', '', '2026-03-05Z'), ('s1', 1, 't', 'q2', 'second', '', '', NULL, NULL, '', '[]', '', '', '2026-03-05Z')"),
        ("consents", "INSERT INTO consents VALUES ('s1', '2026-03-05Z', 't', true, true, true, true), ('s1', '2026-03-05 00:01Z', 't', false, false, false, true)"),
        ("api_keys", "INSERT INTO api_keys (provider, key_hash, usage_count) VALUES ('p', repeat('0', 64), 7)"),
        ("deliveries", "INSERT INTO deliveries (delivery_id, tenant, session_id, sink, payload, next_attempt_at, created_at) VALUES ('d', 't', 's1', 'ats', '{}', '2026-03-05Z', '2026-03-05Z')"),
        ("archived_partitions", "INSERT INTO archived_partitions (name, part, parent, range_from, range_to, state, columns) VALUES ('n', 1, 'p', '2025-03-01Z', '2025-04-01Z', 'archived', '{a,b}')"),
        ("media_objects", "INSERT INTO media_objects VALUES ('video/1', 'video', 'c1', 't', 's1', 'c1', 'n', 'video/mp4', '', 1, 'k', '2026-03-05Z', '2030-03-05Z', 'kept', '2026-03-05Z')"),
        ("resume_client_usage", "INSERT INTO resume_client_usage VALUES ('c', '2026-03-05Z', 1)"),
        ("session_index", "INSERT INTO session_index VALUES ('s1', '2026-03-05Z') ON CONFLICT DO NOTHING"),
    ];

    // What migrations change of rows that are there, on purpose: 0214 finds out the status. Left out of what is compared.
    private static readonly string[] Changed = ["candidates.status"];

    /// <param name="Columns">Those of its version, in order.</param>
    /// <param name="Content">Hash of the rows.</param>
    public sealed record TableRows(string Name, string Columns, long Rows, string Content);

    public static async Task FillAsync(NpgsqlDataSource database, CancellationToken ct)
    {
        await TextAsync(database, "SELECT ensure_month_partition('interview_sessions', '2026-03-05Z')::text", ct);
        var tables = await TablesAsync(database, ct);
        foreach (var (_, sql) in Rows.Where(rows => tables.ContainsKey(rows.Table)))
        {
            await using var command = database.CreateCommand(sql);
            await command.ExecuteNonQueryAsync(ct);
        }
    }

    /// <summary>Every table with what it holds.</summary>
    public static async Task<List<TableRows>> ReadAsync(NpgsqlDataSource database, CancellationToken ct)
    {
        var tables = new List<TableRows>();
        foreach (var (name, columns) in await TablesAsync(database, ct))
        {
            tables.Add(await ReadAsync(database, name, columns, ct));
        }

        return tables;
    }

    /// <summary>The same columns of the same tables, in the database of a later version.</summary>
    public static async Task<List<TableRows>> ReadAgainAsync(NpgsqlDataSource database, IReadOnlyList<TableRows> before, CancellationToken ct)
    {
        var tables = new List<TableRows>();
        foreach (var table in before)
        {
            tables.Add(await ReadAsync(database, table.Name, table.Columns, ct));
        }

        return tables;
    }

    private static async Task<TableRows> ReadAsync(NpgsqlDataSource database, string table, string columns, CancellationToken ct)
    {
        var found = (await TextAsync(database, $"SELECT count(*) || ' ' || coalesce(md5(string_agg(r::text, '|' ORDER BY r::text)), '') FROM (SELECT {columns} FROM {table}) r", ct))!.Split(' ');
        return new(table, columns, long.Parse(found[0], System.Globalization.CultureInfo.InvariantCulture), found[1]);
    }

    // partitions are read with their parent
    private static async Task<SortedDictionary<string, string>> TablesAsync(NpgsqlDataSource database, CancellationToken ct)
    {
        var tables = new SortedDictionary<string, string>(StringComparer.Ordinal);
        await using var command = database.CreateCommand("""
            SELECT c.relname::text, string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relname <> 'schema_migrations' AND c.relname || '.' || a.attname <> ALL ($1)
            GROUP BY 1
            """);
        command.Parameters.Add(new() { Value = Changed });
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            tables[reader.GetString(0)] = reader.GetString(1);
        }

        return tables;
    }

    private static async Task<string?> TextAsync(NpgsqlDataSource database, string sql, CancellationToken ct)
    {
        await using var command = database.CreateCommand(sql);
        return await command.ExecuteScalarAsync(ct) as string;
    }
}
