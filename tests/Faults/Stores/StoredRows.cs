using System.Globalization;
using Npgsql;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Tests.Faults.Stores;

/// <summary>What the tables hold beside what was produced, row for row and column for column.</summary>
internal static class StoredRows
{
    private const string EmotionColumns =
        "session_id, sequence, captured_at, tenant, question_index, face_count, face_left, face_top, face_width, face_height, face_confidence, angry, disgust, fear, happy, sad, surprise, neutral, dominant, eye_openness, eyes_closed, model_version, analysed_at";

    /// <summary>The first difference; null when there is none.</summary>
    public static async Task<string?> DifferenceAsync(NpgsqlDataSource database, SinkLoad load) =>
        await DifferenceAsync(database, $"SELECT {EmotionColumns} FROM emotion_observations ORDER BY session_id COLLATE \"C\", sequence, captured_at", ExpectedEmotions(load))
        ?? await RelationalDifferenceAsync(database, load);

    /// <summary>The same without the emotion series, which may lie elsewhere.</summary>
    public static async Task<string?> RelationalDifferenceAsync(NpgsqlDataSource database, SinkLoad load) =>
        await DifferenceAsync(database, "SELECT session_id, created_at, tenant, candidate_id, candidate_name, status, question_index, updated_at FROM interview_sessions ORDER BY session_id COLLATE \"C\"", ExpectedSessions(load))
        ?? await DifferenceAsync(database, "SELECT answer_id, session_id, tenant, technical, communication, feedback, evidence, revision, scored_at FROM scores ORDER BY answer_id COLLATE \"C\"", ExpectedScores(load))
        ?? await DifferenceAsync(database, "SELECT answer_id, state, revision FROM score_reviews ORDER BY answer_id COLLATE \"C\"", ExpectedReviews(load))
        ?? await DifferenceAsync(database, "SELECT tenant, candidate_id, name FROM candidates ORDER BY candidate_id COLLATE \"C\"", ExpectedCandidates(load));

    private static async Task<string?> DifferenceAsync(NpgsqlDataSource database, string sql, IEnumerable<object?[]> expected)
    {
        await using var command = database.CreateCommand(sql);
        command.CommandTimeout = 120;
        await using var reader = await command.ExecuteReaderAsync();
        using var wanted = expected.GetEnumerator();
        var values = new object?[reader.FieldCount];
        for (var row = 0; ; row++)
        {
            var (more, moreWanted) = (await reader.ReadAsync(), wanted.MoveNext());
            if (!more && !moreWanted) return null;
            if (more) reader.GetValues(values!);
            var found = more ? Text(values) : "nothing";
            var right = moreWanted ? Text(wanted.Current) : "nothing";
            if (found != right) return $"row {row} of {sql}:\nfound    {found}\nexpected {right}";
        }
    }

    private static IEnumerable<object?[]> ExpectedEmotions(SinkLoad load) =>
        from session in Sorted(load)
        from frame in Enumerable.Range(0, load.Emotions / load.Sessions)
        let e = SinkLoad.Emotion(session, frame)
        select new object?[]
        {
            e.SessionId, e.Sequence, Time(e.CapturedAtMs), e.Tenant, e.QuestionIndex, e.FaceCount, e.Face?.Left, e.Face?.Top, e.Face?.Width, e.Face?.Height, e.Face?.Confidence,
            e.Probabilities?.Angry, e.Probabilities?.Disgust, e.Probabilities?.Fear, e.Probabilities?.Happy, e.Probabilities?.Sad, e.Probabilities?.Surprise, e.Probabilities?.Neutral,
            e.Dominant, e.EyeOpenness, e.EyesClosed, e.ModelVersion, Time(e.AnalysedAtMs),
        };

    private static IEnumerable<object?[]> ExpectedSessions(SinkLoad load) =>
        from session in Sorted(load)
        let s = SinkLoad.State(session, SinkLoad.StatesPerSession - 1)
        select new object?[] { s.SessionId, Time(s.CreatedAtMs), s.Tenant, s.CandidateId, s.CandidateName, s.Status == SessionStatus.Completed ? "completed" : "?", s.QuestionIndex, Time(s.UpdatedAtMs) };

    private static IEnumerable<object?[]> ExpectedScores(SinkLoad load) =>
        LastScores(load).Select(s => new object?[] { s.AnswerId, s.SessionId, s.Tenant, s.Technical, s.Communication, s.Feedback, $"[\"{s.Evidence[0]}\"]", s.Revision, Time(s.ScoredAtMs) });

    private static IEnumerable<object?[]> ExpectedReviews(SinkLoad load) => LastScores(load).Select(s => new object?[] { s.AnswerId, "none", s.Revision });

    private static IEnumerable<object?[]> ExpectedCandidates(SinkLoad load) =>
        Enumerable.Range(0, load.Sessions).Select(session => SinkLoad.State(session, 0)).OrderBy(s => s.CandidateId, StringComparer.Ordinal).Select(s => new object?[] { s.Tenant, s.CandidateId, s.CandidateName });

    private static IEnumerable<AnswerScored> LastScores(SinkLoad load) =>
        from session in Sorted(load)
        from answer in Enumerable.Range(SinkLoad.ScoresPerSession / 2, SinkLoad.ScoresPerSession / 2)
        select SinkLoad.Score(session, answer);

    private static int[] Sorted(SinkLoad load) => [.. Enumerable.Range(0, load.Sessions).OrderBy(SinkLoad.Id, StringComparer.Ordinal)];

    private static DateTime Time(long unixMs) => DateTimeOffset.FromUnixTimeMilliseconds(unixMs).UtcDateTime;

    private static string Text(object?[] values) => string.Join(" | ", values.Select(value => value switch
    {
        null or DBNull => "NULL",
        DateTime time => time.ToString("O", CultureInfo.InvariantCulture),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    }));
}
