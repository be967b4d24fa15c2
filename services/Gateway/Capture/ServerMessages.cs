using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Gateway.Capture;

/// <summary>What the gateway says on the capture socket.</summary>
public static class ServerMessages
{
    /// <param name="question">Asked now.</param>
    /// <param name="count">Questions of the interview so far; follow-ups may come on top.</param>
    public static object Question(Question question, int count) => new
    {
        type = "question",
        index = question.Index,
        id = question.Id,
        text = question.Text,
        kind = Kind(question.Kind),
        passage = question.Passage,
        followUp = question.FollowUpOf.Length > 0,
        count,
    };

    /// <summary>A question without its key points, which the candidate must not see; null stays null.</summary>
    public static QuestionView? View(Question? question) =>
        question is null ? null : new(question.Index, question.Id, question.Text, Kind(question.Kind), question.Passage, question.FollowUpOf.Length > 0);

    public static object Ack(string stream, long sequence) => new { type = "ack", stream, sequence };

    public static object Error(Refusal refusal) => new
    {
        type = "error",
        code = refusal.Code,
        message = refusal.Message,
        stream = refusal.Stream,
        sequence = refusal.Sequence,
        expected = refusal.Expected,
    };

    /// <summary>Where the ladder stands: level 0 (everything works) to 4 (come another time); media full, reduced or audio-only.</summary>
    public static object Level(int level, string media, string reason) => new { type = "level", level, media, reason };

    /// <summary>What the candidate agreed to, each true or false.</summary>
    public static object Consents(Consents? given) => new
    {
        videoEmotion = given?.VideoEmotion ?? false,
        facePresence = given?.FacePresence ?? false,
        blink = given?.Blink ?? false,
        audioTranscription = given?.AudioTranscription ?? false,
        recording = given?.Recording ?? false,
    };

    public static object Completed() => new { type = "completed" };

    public static object Pong(long serverTimeMs) => new { type = "pong", serverTimeMs };

    public static string Kind(AnswerKind kind) => kind == AnswerKind.Spoken ? "spoken" : "typed";

    public static string Status(SessionStatus status) => status switch
    {
        SessionStatus.Created => "created",
        SessionStatus.Active => "active",
        SessionStatus.Interrupted => "interrupted",
        SessionStatus.Completed => "completed",
        SessionStatus.Expired => "expired",
        _ => "unknown",
    };
}

/// <summary>A question as candidates see it.</summary>
public sealed record QuestionView(int Index, string Id, string Text, string Kind, string Passage, bool FollowUp);
