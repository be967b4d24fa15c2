using System.Globalization;
using Npgsql;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Tests.Faults.Stores;

/// <summary>What the tables hold beside what was produced, row for row and column for column.</summary>
internal static class StoredRows
{
    private const string EmotionColumns =
        "session_id, sequence, captured_at, tenant, question_index, face_count, face_left, face_top, face_width, face_height, face_confidence, angry, disgust, fear, happy, sad, surprise, neutral, dominant, eye_openness, eyes_closed, model_version, analysed_at, quality, extra_faces, track, emotion_unreliable, closure_began, yaw_degrees, luminance, sharpness, sampling_level, not_computed";

    /// <summary>The first difference; null when there is none.</summary>
    public static async Task<string?> DifferenceAsync(NpgsqlDataSource database, SinkLoad load) =>
        await DifferenceAsync(database, $"SELECT {EmotionColumns} FROM emotion_observations ORDER BY session_id COLLATE \"C\", sequence, captured_at", ExpectedEmotions(load))
        ?? await RelationalDifferenceAsync(database, load);

    /// <summary>The same without the emotion series, which may lie elsewhere.</summary>
    public static async Task<string?> RelationalDifferenceAsync(NpgsqlDataSource database, SinkLoad load) =>
        await DifferenceAsync(database, """
            SELECT session_id, created_at, tenant, candidate_id, candidate_name, position, jurisdiction, consent_video_emotion, consent_face_presence, consent_blink, consent_audio_transcription,
                consent_given_at, status, degradation_level, question_index, question_count, questions -> 1 ->> 'text', updated_at FROM interview_sessions ORDER BY session_id COLLATE "C"
            """, ExpectedSessions(load))
        ?? await DifferenceAsync(database, "SELECT session_id, created_at FROM session_index ORDER BY session_id COLLATE \"C\"", ExpectedIndex(load))
        ?? await DifferenceAsync(database, "SELECT session_id, question_index, tenant, question_id, text FROM questions ORDER BY session_id COLLATE \"C\", question_index", ExpectedQuestions(load))
        ?? await DifferenceAsync(database, "SELECT session_id, changed_at, tenant, video_emotion, face_presence, blink, audio_transcription FROM consents ORDER BY session_id COLLATE \"C\"", ExpectedConsents(load))
        ?? await DifferenceAsync(database, """
            SELECT answer_id, session_id, tenant, question_id, question_index, technical, communication, feedback, evidence, engine, rubric_version, needs_human_review, review_reason, revision,
                scored_at, prompt_version, model, cost_usd, flags FROM scores ORDER BY answer_id COLLATE "C"
            """, ExpectedScores(load))
        ?? await DifferenceAsync(database, """
            SELECT answer_id, session_id, tenant, state, revision, opened_at, reviewer, decision, decided_at, previous_technical, previous_communication, previous_engine
            FROM score_reviews ORDER BY answer_id COLLATE "C"
            """, ExpectedReviews(load))
        ?? await DifferenceAsync(database, "SELECT tenant, candidate_id, name, status, updated_at FROM candidates ORDER BY candidate_id COLLATE \"C\"", ExpectedCandidates(load));

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
            e.Dominant, e.EyeOpenness, e.EyesClosed, e.ModelVersion, Time(e.AnalysedAtMs), e.Quality.Count == 0 ? 0 : (1 << 5) | (1 << 6), e.ExtraFaces, e.Track, e.EmotionUnreliable,
            e.ClosureBegan, e.YawDegrees, e.Luminance, e.Sharpness, e.SamplingLevel, e.NoBlink ? 4 : 0,
        };

    private static IEnumerable<SessionState> LastStates(SinkLoad load) => Sorted(load).Select(session => SinkLoad.State(session, SinkLoad.StatesPerSession - 1));

    private static IEnumerable<object?[]> ExpectedSessions(SinkLoad load) => LastStates(load).Select(s => new object?[]
    {
        s.SessionId, Time(s.CreatedAtMs), s.Tenant, s.CandidateId, s.CandidateName, s.Position, s.Jurisdiction, s.Consents.VideoEmotion, s.Consents.FacePresence, s.Consents.Blink,
        s.Consents.AudioTranscription, Time(s.Consents.GivenAtMs), "completed", s.DegradationLevel, s.QuestionIndex, 2, s.Questions[1].Text, Time(s.UpdatedAtMs),
    });

    private static IEnumerable<object?[]> ExpectedIndex(SinkLoad load) => LastStates(load).Select(s => new object?[] { s.SessionId, Time(s.CreatedAtMs) });

    // a question that did not change keeps the time of the state that brought it: whichever came first
    private static IEnumerable<object?[]> ExpectedQuestions(SinkLoad load) =>
        from s in LastStates(load)
        from q in s.Questions
        select new object?[] { s.SessionId, q.Index, s.Tenant, q.Id, q.Text };

    private static IEnumerable<object?[]> ExpectedConsents(SinkLoad load) => LastStates(load).Select(s => new object?[]
    {
        s.SessionId, Time(s.Consents.GivenAtMs), s.Tenant, s.Consents.VideoEmotion, s.Consents.FacePresence, s.Consents.Blink, s.Consents.AudioTranscription,
    });

    private static IEnumerable<object?[]> ExpectedScores(SinkLoad load) => LastScores(load).Select(s => new object?[]
    {
        s.AnswerId, s.SessionId, s.Tenant, s.QuestionId, s.QuestionIndex, s.Technical, s.Communication, s.Feedback, $"[\"{s.Evidence[0]}\"]", s.Engine, s.RubricVersion, s.NeedsHumanReview, "",
        s.Revision, Time(s.ScoredAtMs), "", "", 0f, "[]",
    });

    private static IEnumerable<object?[]> ExpectedReviews(SinkLoad load) => LastScores(load).Select(s => new object?[]
    {
        s.AnswerId, s.SessionId, s.Tenant, "none", s.Revision, Time(s.ScoredAtMs), "", "", null, 0f, 0f, "",
    });

    private static IEnumerable<object?[]> ExpectedCandidates(SinkLoad load) =>
        LastStates(load).OrderBy(s => s.CandidateId, StringComparer.Ordinal).Select(s => new object?[] { s.Tenant, s.CandidateId, s.CandidateName, "completed", Time(s.UpdatedAtMs) });

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
