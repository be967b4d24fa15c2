using Npgsql;
using NpgsqlTypes;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Postgres.Stores;

/// <summary>Reads of the emotion series, each by an index and of at most a page: positions instead of offsets, so that page n costs what page 1 does.</summary>
public sealed class EmotionSeriesQueries(NpgsqlDataSource database) : IEmotionSeriesReader
{
    internal const string Emotions = """
        SELECT session_id, sequence, captured_at, tenant, question_index, face_count, face_left, face_top, face_width, face_height, face_confidence,
            angry, disgust, fear, happy, sad, surprise, neutral, dominant, eye_openness, eyes_closed, model_version, analysed_at,
            quality, extra_faces, track, emotion_unreliable, closure_began, yaw_degrees, luminance, sharpness, sampling_level, not_computed
        FROM emotion_observations WHERE session_id = $1 AND sequence > $2 ORDER BY sequence LIMIT $3
        """;

    internal const string Windows = WindowColumns + " WHERE session_id = $1 AND start_at > $2 ORDER BY start_at LIMIT $3";

    internal const string Day = WindowColumns + """
         WHERE tenant = $1 AND start_at >= $2 AND start_at < $3 AND (start_at, session_id COLLATE "C") > ($4, $5)
        ORDER BY start_at, session_id COLLATE "C" LIMIT $6
        """;

    private const string WindowColumns = """
        SELECT session_id, start_at, end_at, tenant, frames_analysed, frames_with_face, face_ratio, angry, disgust, fear, happy, sad, surprise, neutral,
            dominant, blinks, first_sequence, last_sequence, frames_captured, frames_skipped, stored_at FROM emotion_windows
        """;

    public string Name => PostgresEmotionStore.StoreName;

    public Task<IReadOnlyList<EmotionObserved>> ReadEmotionsAsync(string sessionId, long afterSequence, int limit, CancellationToken cancellationToken) =>
        ReadAsync(Emotions, Observation, cancellationToken, Text(sessionId), new() { Value = afterSequence }, Limit(limit));

    public async Task<long> CountEmotionsAsync(string sessionId, CancellationToken cancellationToken) =>
        (await ReadAsync("SELECT count(*) FROM emotion_observations WHERE session_id = $1", r => r.GetInt64(0), cancellationToken, Text(sessionId)).ConfigureAwait(false))[0];

    public Task<IReadOnlyList<StoredWindow>> ReadWindowsAsync(string sessionId, long afterStartMs, int limit, CancellationToken cancellationToken) =>
        ReadAsync(Windows, Window, cancellationToken, Text(sessionId), Time(afterStartMs), Limit(limit));

    public Task<IReadOnlyList<StoredWindow>> ReadDayAsync(string tenant, DateOnly day, WindowPosition? after, int limit, CancellationToken cancellationToken)
    {
        var first = day.ToDateTime(TimeOnly.MinValue, DateTimeKind.Utc);
        var beyond = day == DateOnly.MaxValue ? DateTime.MaxValue : first.AddDays(1); // the maximum is PostgreSQL's infinity
        return ReadAsync(
            Day, Window, cancellationToken, Text(tenant), Time(first), Time(DateTime.SpecifyKind(beyond, DateTimeKind.Utc)),
            after is null ? Time(first) : Time(after.StartMs), Text(after?.SessionId ?? ""), Limit(limit)); // no session has an empty id
    }

    private async Task<IReadOnlyList<T>> ReadAsync<T>(string sql, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken, params NpgsqlParameter[] parameters)
    {
        var rows = new List<T>();
        await Failures.ClassifyAsync("a query", async () =>
        {
            await using var command = database.CreateCommand(sql);
            command.Parameters.AddRange(parameters);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                rows.Add(map(reader));
            }
        }).ConfigureAwait(false);
        return rows;
    }

    private static NpgsqlParameter Text(string value) => new() { Value = Columns.Storable(value), NpgsqlDbType = NpgsqlDbType.Text };

    private static NpgsqlParameter Limit(int value) => new() { Value = EmotionPages.ClampLimit(value) };

    private static NpgsqlParameter Time(DateTime value) => new() { Value = value, NpgsqlDbType = NpgsqlDbType.TimestampTz };

    // Before 1970 nothing is stored: the least of the type is before all of it.
    private static NpgsqlParameter Time(long unixMs) => Time(unixMs < 0 ? DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc) : Columns.Time(unixMs));

    private static EmotionObserved Observation(NpgsqlDataReader r) => new EmotionObserved
    {
        SessionId = r.GetString(0),
        Sequence = r.GetInt64(1),
        CapturedAtMs = r.UnixMs(2),
        Tenant = r.GetString(3),
        QuestionIndex = r.GetInt32(4),
        FaceCount = r.GetInt32(5),
        Face = r.IsDBNull(6) ? null : new() { Left = r.GetFloat(6), Top = r.GetFloat(7), Width = r.GetFloat(8), Height = r.GetFloat(9), Confidence = r.GetFloat(10) },
        Probabilities = Probabilities(r, 11),
        Dominant = r.GetString(18),
        EyeOpenness = r.GetFloat(19),
        EyesClosed = r.GetBoolean(20),
        ModelVersion = r.GetString(21),
        AnalysedAtMs = r.UnixMs(22),
        ExtraFaces = r.GetInt32(24),
        Track = r.GetInt32(25),
        EmotionUnreliable = r.GetBoolean(26),
        ClosureBegan = r.GetBoolean(27),
        YawDegrees = r.GetFloat(28),
        Luminance = r.GetFloat(29),
        Sharpness = r.GetFloat(30),
        SamplingLevel = r.GetInt32(31),
    }.WithBits(r.GetInt32(23), r.GetInt32(32));

    private static StoredWindow Window(NpgsqlDataReader r) => new(
        new EmotionWindow
        {
            SessionId = r.GetString(0),
            StartMs = r.UnixMs(1),
            EndMs = r.UnixMs(2),
            Tenant = r.GetString(3),
            FramesAnalysed = r.GetInt32(4),
            FramesWithFace = r.GetInt32(5),
            FaceRatio = r.GetFloat(6),
            Mean = Probabilities(r, 7),
            Dominant = r.GetString(14),
            Blinks = r.GetInt32(15),
            FirstSequence = r.GetInt64(16),
            LastSequence = r.GetInt64(17),
            FramesCaptured = r.GetInt32(18),
            FramesSkipped = r.GetInt32(19),
        },
        r.UnixMs(20));

    private static EmotionProbabilities? Probabilities(NpgsqlDataReader r, int first) => r.IsDBNull(first) ? null : new()
    {
        Angry = r.GetFloat(first),
        Disgust = r.GetFloat(first + 1),
        Fear = r.GetFloat(first + 2),
        Happy = r.GetFloat(first + 3),
        Sad = r.GetFloat(first + 4),
        Surprise = r.GetFloat(first + 5),
        Neutral = r.GetFloat(first + 6),
    };
}
