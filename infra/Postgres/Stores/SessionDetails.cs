using Npgsql;
using StreamPlatform.Schemas.V1;
using static StreamPlatform.Postgres.Stores.Columns;

namespace StreamPlatform.Postgres.Stores;

/// <summary>What lies inside session states and events and has tables of its own: questions by position, and every change of consent.</summary>
internal static class SessionDetails
{
    // A state repeats all questions: those that did not change are not written again.
    private static readonly TableWriter<Asked> Questions = new(
        "questions",
        "excluded.updated_at >= questions.updated_at AND (excluded.question_id, excluded.text, excluded.source, excluded.key_points) IS DISTINCT FROM (questions.question_id, questions.text, questions.source, questions.key_points)",
        Key<Asked>("session_id", q => q.Session.SessionId),
        IntKey<Asked>("question_index", q => q.Position),
        Text<Asked>("tenant", q => q.Session.Tenant),
        Text<Asked>("question_id", q => q.Question.Id),
        Text<Asked>("text", q => q.Question.Text),
        Text<Asked>("kind", q => q.Question.Kind.ToString().ToLowerInvariant()),
        Text<Asked>("category", q => q.Question.Competency),
        Text<Asked>("passage", q => q.Question.Passage),
        Strings<Asked>("key_points", q => q.Question.KeyPoints),
        Text<Asked>("follow_up_of", q => q.Question.FollowUpOf),
        Text<Asked>("source", q => q.Question.Source),
        At<Asked>("updated_at", q => q.Session.UpdatedAtMs));

    // The gateway gives state and event of a change the same time: one row.
    private static readonly TableWriter<Consent> Changes = new(
        "consents",
        null,
        Key<Consent>("session_id", c => c.SessionId),
        TimeKey<Consent>("changed_at", c => c.AtMs),
        Text<Consent>("tenant", c => c.Tenant),
        Bool<Consent>("video_emotion", c => c.VideoEmotion),
        Bool<Consent>("face_presence", c => c.FacePresence),
        Bool<Consent>("blink", c => c.Blink),
        Bool<Consent>("audio_transcription", c => c.AudioTranscription),
        Bool<Consent>("recording", c => c.Recording));

    /// <param name="connection">In the transaction of the sessions.</param>
    /// <param name="batch">Older states first.</param>
    public static async Task WriteAsync(NpgsqlConnection connection, IReadOnlyList<SessionState> batch, CancellationToken cancellationToken)
    {
        Asked[] asked = [.. batch.SelectMany(session => session.Questions.Select((question, position) => new Asked(session, question, position)))];
        await Questions.UpsertAsync(connection, asked, cancellationToken).ConfigureAwait(false);
        Consent[] given = [.. batch.Where(session => session.Consents is { GivenAtMs: > 0 }).Select(session => new Consent(
            session.SessionId, session.Tenant, session.Consents.GivenAtMs, session.Consents.VideoEmotion, session.Consents.FacePresence, session.Consents.Blink, session.Consents.AudioTranscription,
            session.Consents.Recording))];
        await Changes.UpsertAsync(connection, given, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Also what was taken back, which a state tells without its time.</summary>
    public static Task WriteAsync(NpgsqlConnection connection, IReadOnlyList<SessionEvent> batch, CancellationToken cancellationToken) =>
        Changes.UpsertAsync(connection, [.. batch.Where(e => e.ConsentChanged is not null).Select(e => new Consent(
            e.SessionId, e.Tenant, e.AtMs, e.ConsentChanged.VideoEmotion, e.ConsentChanged.FacePresence, e.ConsentChanged.Blink, e.ConsentChanged.AudioTranscription,
            e.ConsentChanged.Recording))], cancellationToken);

    private sealed record Asked(SessionState Session, Question Question, int Position);

    private sealed record Consent(string SessionId, string Tenant, long AtMs, bool VideoEmotion, bool FacePresence, bool Blink, bool AudioTranscription, bool Recording);
}
