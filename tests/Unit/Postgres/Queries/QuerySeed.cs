using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace StreamPlatform.Tests.Unit.Postgres.Queries;

/// <summary>
/// Fills a migrated database with interviews of 18 months, made by the server itself: <paramref name="sessions"/> sessions, of which one in five has answers, transcripts, scores and a
/// report, and <paramref name="observed"/> have an emotion row for each of <paramref name="frames"/> frames. Shares are those of real use: one score in sixty waits for a person,
/// as many were decided, one transcript in 120 is to be corrected.
/// </summary>
internal sealed class QuerySeed(NpgsqlDataSource database, int sessions, int observed, int frames)
{
    private const string Start = "timestamptz '2025-06-01 00:00:00+00'";
    private const int Months = 18;
    private const int AnswersPerInterview = 3;

    /// <summary>A session that has everything.</summary>
    public string BusySession(int number) => Convert.ToHexStringLower(MD5.HashData(Encoding.ASCII.GetBytes($"{number % observed * (sessions / observed) / 5 * 5}")));

    /// <summary>Of a key of every provider.</summary>
    public static string KeyHash(int number) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"{number}")));

    public async Task FillAsync(CancellationToken cancellationToken)
    {
        await RunAsync($"""
            SELECT ensure_month_partition(t, {Start} + make_interval(months => m)) FROM unnest(ARRAY['interview_sessions', 'emotion_observations']) t, generate_series(0, {Months}) m
            """, cancellationToken);
        // two at a time: as many as small machines have processors
        await Task.WhenAll(
            EmotionsAsync(0, observed / 2, cancellationToken),
            Task.Run(async () =>
            {
                foreach (var table in Tables()) await RunAsync(table, cancellationToken);
                await EmotionsAsync(observed / 2, observed, cancellationToken);
            }, cancellationToken));
        await RunAsync("VACUUM (ANALYZE)", cancellationToken);
    }

    private IEnumerable<string> Tables()
    {
        yield return "INSERT INTO tenants (tenant) SELECT 'tenant-' || i FROM generate_series(0, 199) i ON CONFLICT DO NOTHING";
        yield return $"INSERT INTO candidates (tenant, candidate_id, name, updated_at) SELECT 'tenant-' || i % 200, 'c-' || i, 'Candidate ' || i, {Start} FROM generate_series(0, {sessions / 2}) i";
        yield return $"""
            INSERT INTO interview_sessions (session_id, tenant, candidate_id, candidate_name, position, jurisdiction, consent_video_emotion, consent_face_presence, consent_blink,
                consent_audio_transcription, consent_given_at, status, degradation_level, question_index, question_count, questions, created_at, updated_at)
            SELECT {Session("i")}, {Tenant}, 'c-' || i / 2, 'Candidate ' || i / 2, 'Engineer', CASE WHEN i % 3 = 0 THEN 'EU' ELSE 'US' END, i % 3 > 0, true, true,
                true, {At}, CASE i % 20 WHEN 0 THEN 'interrupted' WHEN 1 THEN 'expired' ELSE 'completed' END, 0, 3, 3,
                jsonb_build_array(jsonb_build_object('id', 'q1', 'text', repeat('Tell me about it. ', 6)), jsonb_build_object('id', 'q2', 'text', repeat('And then? ', 8))), {At}, {At} + interval '40 min'
            FROM generate_series(0, {sessions - 1}) i
            """;
        yield return $"""
            INSERT INTO answers (answer_id, session_id, tenant, question_index, question_id, question_text, kind, text, audio_chunks, started_at, submitted_at)
            SELECT {Answer}, {Session("i")}, {Tenant}, q, 'q' || q, repeat('Tell me about it. ', 6), 'spoken', '', 900, {At}, {At} + interval '3 min' {Interviews}
            """;
        yield return $"""
            INSERT INTO transcripts (answer_id, session_id, tenant, question_index, text, confidence, engine, speech_ms, audio_ms, segments, completed_at, needs_correction)
            SELECT {Answer}, {Session("i")}, {Tenant}, q, repeat('I have built it. ', 20), 0.8, 'pocketsphinx', 90000, 120000, 9, {At} + interval '4 min', i % 200 < 5 AND q = 0 AND i % 40 = 0 {Interviews}
            """;
        yield return $"""
            INSERT INTO transcript_revisions (answer_id, revision, session_id, tenant, text, confidence, engine, corrected_by, correction_reason)
            SELECT {Answer}, 0, {Session("i")}, {Tenant}, repeat('I have built it. ', 20), 0.8, 'pocketsphinx', '', '' {Interviews}
            """;
        yield return $"""
            INSERT INTO transcript_segments (segment_id, session_id, tenant, question_index, segment_index, start_ms, end_ms, text, confidence, engine)
            SELECT {Answer} || '/' || s, {Session("i")}, {Tenant}, q, s, s * 9000, s * 9000 + 8000, 'I have built it.', 0.8, 'pocketsphinx' {Interviews}, generate_series(0, 2) s
            """;
        yield return $"""
            INSERT INTO scores (answer_id, session_id, tenant, question_id, question_index, technical, communication, feedback, evidence, engine, rubric_version, needs_human_review, review_reason, scored_at)
            SELECT {Answer}, {Session("i")}, {Tenant}, 'q' || q, q, i % 100, i % 97, repeat('Says what it is. ', 6), '["built it"]', 'offline-rubric', '1', i % 100 < 5 AND q = 0, '', {At} + interval '5 min' {Interviews}
            """;
        yield return $"""
            INSERT INTO score_reviews (answer_id, session_id, tenant, state, revision, opened_at, reviewer, decision, decided_at, previous_technical, previous_communication, previous_engine)
            SELECT {Answer}, {Session("i")}, {Tenant}, CASE WHEN q > 0 THEN 'none' WHEN i % 100 < 5 THEN 'open' WHEN i % 100 < 10 THEN 'decided' ELSE 'none' END, 0, {At} + interval '5 min', '', '',
                CASE WHEN q = 0 AND i % 100 BETWEEN 5 AND 9 THEN {At} + interval '1 day' END, 0, 0, '' {Interviews}
            """;
        yield return $"""
            INSERT INTO reports (session_id, tenant, candidate_id, position, overall, technical, communication, emotion, behaviour, dominant, frames_analysed, frames_with_face, frames_dead_lettered,
                blinks, speech_ms, audio_ms, needs_human_review, notes, started_at, completed_at, document)
            SELECT {Session("i")}, {Tenant}, 'c-' || i / 2, 'Engineer', 60, 60, 60, 60, 60, 'happy', 1000, 990, 0, 12, 90000, 120000, false, '[]', {At}, {At} + interval '40 min',
                jsonb_build_object('sessionId', {Session("i")}, 'tenant', {Tenant}, 'overall', 60, 'notes', jsonb_build_array(repeat('A note. ', 60))) {Interviews.Replace(", generate_series(0, 2) q", "", StringComparison.Ordinal)}
            """;
        yield return $"""
            INSERT INTO session_events (session_id, event_id, tenant, at, kind, detail) SELECT {Session("i")}, 'e' || e, {Tenant}, {At}, 'Started', '{"{}"}' FROM generate_series(0, {sessions - 1}, 5) i, generate_series(0, 2) e
            """;
        yield return $"""
            INSERT INTO audit_events (audit_id, tenant, session_id, actor, action, reason, at) SELECT 'a' || i, {Tenant}, {Session("i")}, 'processor', 'denied', '', {At} FROM generate_series(0, {sessions - 1}, 5) i
            """;
        yield return $"""
            INSERT INTO emotion_windows (session_id, start_at, end_at, tenant, frames_analysed, frames_with_face, face_ratio, happy, neutral, dominant, blinks, first_sequence, last_sequence)
            SELECT {Session("i")}, {At} + w * interval '10 s', {At} + (w + 1) * interval '10 s', {Tenant}, 20, 20, 1, 0.7, 0.3, 'happy', 2, w * 20, w * 20 + 19
            FROM (SELECT {ObservedIndex("o")} AS i FROM generate_series(0, {observed - 1}) o) s, generate_series(0, {Math.Max(1, frames / 20)} - 1) w
            """;
        yield return $"""
            INSERT INTO resume_items (task_id, item_index, tenant, candidate_id, job_id, job_version, item_count, requested_at)
            SELECT 'task-' || i / 10, i % 10, {Tenant}, 'c-' || i, 'job-' || i % 500, 1, 10, {At} FROM generate_series(0, {sessions / 5}) i
            """;
        yield return $"""
            INSERT INTO optimizations (task_id, item_index, tenant, candidate_id, job_id, job_version, item_count, status, score, summary, optimized_text, evidence, missing, error, from_cache, engine,
                prompt_version, needs_human_review, review_reason, cost_usd, created_at)
            SELECT 'task-' || i / 10, i % 10, {Tenant}, 'c-' || i, 'job-' || i % 500, 1, 10, CASE WHEN i % 50 = 0 THEN 'failed' ELSE 'done' END, 50, 'fits', repeat('Built it. ', 40), '[]', '[]', '', false, 'test',
                '1', false, '', 0.001, {At} FROM generate_series(0, {sessions / 5}) i
            """;
        yield return $"""
            INSERT INTO resume_cache (tenant, job_id, candidate_id, job_version, content_hash, result, expires_at)
            SELECT {Tenant}, 'job-' || i % 500, 'c-' || i, 1, md5(i::text), '', timestamptz '2100-01-01 00:00:00+00' + i * interval '1 s' FROM generate_series(0, {sessions / 10}) i
            """;
        yield return $"INSERT INTO resume_client_usage (client, minute, resumes) SELECT md5((i / 5)::text), date_trunc('minute', {At}), 1 FROM generate_series(0, {sessions - 1}, 10) i ON CONFLICT DO NOTHING";
        yield return "INSERT INTO api_keys (provider, key_hash) SELECT 'provider-' || p, encode(sha256(k::text::bytea), 'hex') FROM generate_series(0, 59) p, generate_series(0, 19) k";
        yield return $"""
            INSERT INTO media_objects (object_key, kind, owner, tenant, session_id, candidate_id, name, content_type, sha256, bytes, key_id, created_at, delete_after, state, seen_at)
            SELECT 'video/' || {Session("i")}, 'video', 'c-' || i / 2, {Tenant}, {Session("i")}, 'c-' || i / 2, 'video.mp4', 'video/mp4', md5(i::text), 1000000, 'k', {At}, {At} + interval '4 years', 'kept', {At}
            FROM generate_series(0, {sessions - 1}, 5) i
            """;
        yield return $$"""
            INSERT INTO deliveries (delivery_id, tenant, session_id, sink, payload, state, next_attempt_at, created_at)
            SELECT 'ats/' || i, {{Tenant}}, {{Session("i")}}, 'ats', '{}', CASE WHEN i % 100 = 0 THEN 'pending' ELSE 'delivered' END, {{At}}, {{At}} FROM generate_series(0, {{sessions - 1}}, 5) i
            """;
        yield return $"INSERT INTO ai_spending (account, usd) SELECT 'session/' || {Session("i")}, 0.01 FROM generate_series(0, {sessions - 1}, 10) i";
    }

    private Task EmotionsAsync(int from, int to, CancellationToken cancellationToken) => RunAsync($"""
        INSERT INTO emotion_observations (session_id, sequence, captured_at, tenant, question_index, face_count, face_left, face_top, face_width, face_height, face_confidence,
            angry, disgust, fear, happy, sad, surprise, neutral, dominant, eye_openness, eyes_closed, model_version, analysed_at)
        SELECT {Session("i")}, f, {At} + f * interval '500 ms', {Tenant}, f / 250, 1, 0.1, 0.2, 0.3, 0.4, (f % 100) / 100.0,
            0, 0, 0, (f % 7) / 7.0, 0, 0, 1 - (f % 7) / 7.0, 'happy', 0.3, f % 9 = 0, 'blazeface-1.0+xception-1.0', {At} + f * interval '500 ms'
        FROM (SELECT {ObservedIndex("o")} AS i FROM generate_series({from}, {to - 1}) o) s, generate_series(1, {frames}) f
        """, cancellationToken);

    private string Interviews => $"FROM generate_series(0, {sessions - 1}, 5) i, generate_series(0, {AnswersPerInterview - 1}) q";

    private static string Session(string i) => $"md5(({i})::text)";

    private static string Answer => $"{Session("i")} || '/' || q";

    private static string Tenant => "'tenant-' || i % 200";

    // The sessions of 18 months, evenly.
    private string At => $"({Start} + i * ({Months * 30.0} * interval '1 day' / {sessions}))";

    // Observed sessions are among those with answers.
    private string ObservedIndex(string o) => $"(({o}) * {sessions / observed} / 5 * 5)";

    private async Task RunAsync(string sql, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(sql);
        command.CommandTimeout = 900;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
