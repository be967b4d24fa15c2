using System.Text.Json;
using Google.Protobuf;
using Npgsql;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Postgres.Stores;

/// <summary>Reads stored interviews. Every read of one session's rows is one snapshot: its parts belong together. The emotion series is asked where it lies.</summary>
public sealed class InterviewQueries(NpgsqlDataSource database, IEmotionSeriesReader series) : IResultsReader
{
    private const int MaxSessions = 500;

    // A newer program may have written fields that this one does not know.
    private static readonly JsonParser ReportJson = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    private const string SessionColumns =
        "SELECT session_id, tenant, candidate_id, candidate_name, position, jurisdiction, status, question_index, question_count, created_at, updated_at FROM interview_sessions";

    // By both parts of the key: one month's partition is looked into, not all.
    private const string SessionById = SessionColumns + " WHERE session_id = $1 AND created_at = (SELECT created_at FROM session_index WHERE session_id = $1)";

    /// <summary>The newest sessions, newest first.</summary>
    /// <param name="limit">1..500; values outside are moved to the nearer end.</param>
    public Task<IReadOnlyList<SessionRow>> ListSessionsAsync(int limit, CancellationToken cancellationToken) => ListSessionsAsync(new SessionPage(limit), cancellationToken);

    /// <summary>A page by (created_at, session_id): as fast on the thousandth page as on the first, which no OFFSET is.</summary>
    public async Task<IReadOnlyList<SessionRow>> ListSessionsAsync(SessionPage page, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand();
        List<string> where = [];
        string Parameter(object value)
        {
            command.AddAll(value);
            return $"${command.Parameters.Count}";
        }

        if (page.Status.Length > 0)
        {
            where.Add($"status = {Parameter(page.Status)}");
        }

        if (page.BeforeMs is { } beforeMs)
        {
            where.Add($"(created_at, session_id COLLATE \"C\") < ({Parameter(Columns.Time(beforeMs))}, {Parameter(page.BeforeId)})");
        }

        command.CommandText = $"{SessionColumns}{(where.Count > 0 ? " WHERE " + string.Join(" AND ", where) : "")} ORDER BY created_at DESC, session_id COLLATE \"C\" DESC LIMIT {Parameter(Math.Clamp(page.Limit, 1, MaxSessions))}";
        return await ReadAsync(command, Session, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>All that is stored of a session; null when the session is not stored (yet).</summary>
    /// <exception cref="Streams.TransientException">The emotion series cannot be asked now.</exception>
    public async Task<InterviewResults?> GetResultsAsync(string sessionId, CancellationToken cancellationToken)
    {
        // Before the snapshot, so that no connection is held meanwhile.
        var windows = (await series.ReadAllWindowsAsync(sessionId, cancellationToken).ConfigureAwait(false)).Select(window => window.ToRow()).ToList();
        var emotions = await series.CountEmotionsAsync(sessionId, cancellationToken).ConfigureAwait(false);
        await using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await using var snapshot = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancellationToken).ConfigureAwait(false);

        async Task<List<T>> Rows<T>(string sql, Func<Row, T> map)
        {
            await using var command = new NpgsqlCommand(sql, connection, snapshot);
            command.AddAll(sessionId);
            return await ReadAsync(command, map, cancellationToken).ConfigureAwait(false);
        }

        var session = (await Rows(SessionById, Session).ConfigureAwait(false)).FirstOrDefault();
        return session is null ? null : new InterviewResults(
            session,
            await Rows("SELECT answer_id, question_index, question_id, question_text, kind, text, audio_chunks, started_at, submitted_at FROM answers WHERE session_id = $1 ORDER BY question_index", Answer).ConfigureAwait(false),
            await Rows("SELECT question_index, text, confidence, engine, speech_ms, audio_ms, segments, completed_at, needs_correction, revision, corrected_by, onset_ms, pauses, longest_pause_ms, words, words_per_minute FROM transcripts WHERE session_id = $1 ORDER BY question_index", Transcript).ConfigureAwait(false),
            await Rows("SELECT segment_id, question_index, segment_index, start_ms, end_ms, text, confidence, engine FROM transcript_segments WHERE session_id = $1 ORDER BY question_index, segment_index", Segment).ConfigureAwait(false),
            await Rows("SELECT answer_id, question_index, question_id, technical, communication, feedback, evidence, engine, rubric_version, needs_human_review, review_reason, scored_at FROM scores WHERE session_id = $1 ORDER BY question_index", Score).ConfigureAwait(false),
            windows,
            emotions,
            series.Name,
            (await Rows("SELECT overall, technical, communication, emotion, behaviour, dominant, angry, disgust, fear, happy, sad, surprise, neutral, frames_analysed, frames_with_face, frames_dead_lettered, blinks, speech_ms, audio_ms, needs_human_review, notes, started_at, completed_at FROM reports WHERE session_id = $1", Report).ConfigureAwait(false)).FirstOrDefault());
    }

    /// <summary>The newest revision of a session's report; null when none is stored (yet).</summary>
    public async Task<InterviewReport?> GetReportAsync(string sessionId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand("SELECT document FROM reports WHERE session_id = $1");
        command.AddAll(sessionId);
        return (await ReadAsync(command, row => ReportJson.Parse<InterviewReport>(row.Text()), cancellationToken).ConfigureAwait(false)).FirstOrDefault();
    }

    private static async Task<List<T>> ReadAsync<T>(NpgsqlCommand command, Func<Row, T> map, CancellationToken cancellationToken)
    {
        var rows = new List<T>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            rows.Add(map(new Row(reader)));
        }

        return rows;
    }

    private static SessionRow Session(Row r) => new(
        r.Text(), r.Text(), r.Text(), r.Text(), r.Text(), r.Text(), r.Text(), r.Int(), r.Int(), r.UnixMs(), r.UnixMs());

    private static AnswerRow Answer(Row r) => new(r.Text(), r.Int(), r.Text(), r.Text(), r.Text(), r.Text(), r.Long(), r.UnixMs(), r.UnixMs());

    private static TranscriptRow Transcript(Row r) => new(
        r.Int(), r.Text(), r.Real(), r.Text(), r.Long(), r.Long(), r.Int(), r.UnixMs(), r.Bool(), r.Int(), r.Text(),
        new(r.Long(), r.Int(), r.Long(), r.Int(), r.Real()));

    private static SegmentRow Segment(Row r) => new(r.Text(), r.Int(), r.Int(), r.Long(), r.Long(), r.Text(), r.Real(), r.Text());

    private static ScoreRow Score(Row r) => new(
        r.Text(), r.Int(), r.Text(), r.Real(), r.Real(), r.Text(), r.Strings(), r.Text(), r.Text(), r.Bool(), r.Text(), r.UnixMs());

    private static ReportRow Report(Row r)
    {
        var (overall, technical, communication, emotion, behaviour, dominant) = (r.Real(), r.Real(), r.Real(), r.Real(), r.Real(), r.Text());
        return new(
            overall, technical, communication, emotion, behaviour, dominant, r.Emotions(), r.Long(), r.Long(), r.Long(), r.Int(), r.Long(), r.Long(),
            r.Bool(), r.Strings(), r.UnixMs(), r.UnixMs());
    }

    /// <summary>The columns of one row, taken one after the other (C# evaluates arguments from left to right).</summary>
    private sealed class Row(NpgsqlDataReader reader)
    {
        private int _next;

        public string Text() => reader.GetString(_next++);

        public int Int() => reader.GetInt32(_next++);

        public long Long() => reader.GetInt64(_next++);

        public float Real() => reader.GetFloat(_next++);

        public bool Bool() => reader.GetBoolean(_next++);

        public long UnixMs() => reader.UnixMs(_next++);

        public string[] Strings() => JsonSerializer.Deserialize<string[]>(Text()) ?? [];

        public Probabilities? Emotions()
        {
            if (!reader.IsDBNull(_next))
            {
                return new(Real(), Real(), Real(), Real(), Real(), Real(), Real());
            }

            _next += 7;
            return null;
        }
    }
}
