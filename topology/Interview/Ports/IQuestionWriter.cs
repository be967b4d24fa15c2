using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Topology.Ports;

/// <summary>Writes the questions of an interview. Safe for concurrent use; who cannot wait gives up by the token, the work goes on for whoever asks next.</summary>
public interface IQuestionWriter
{
    /// <summary>The question of one place in an interview. Equal briefs share one question for as long as it is kept.</summary>
    Task<WrittenQuestion> WriteAsync(QuestionBrief brief, CancellationToken cancellationToken);

    /// <summary>A question that follows up an answer, where one is worth asking.</summary>
    Task<WrittenQuestion> FollowUpAsync(FollowUpBrief brief, CancellationToken cancellationToken);
}

/// <summary>What a question is to be written for. Position and resume are untrusted text.</summary>
/// <param name="Tenant">Who pays.</param>
/// <param name="SessionId">Whose budget pays when a call is made.</param>
/// <param name="Position">As the session names it; may be empty.</param>
/// <param name="Seniority">"junior", "senior" ...; empty = not told.</param>
/// <param name="ResumeSummary">At most 4,000 characters; empty = the question suits everyone who applies for the position.</param>
/// <param name="Slot">Place among the interview's own questions, from 0; follow-ups do not count.</param>
/// <param name="Variant">Candidates of one variant are asked the same.</param>
public sealed record QuestionBrief(string Tenant, string SessionId, string Position, string Seniority, string ResumeSummary, int Slot, int Variant);

/// <summary>What a follow-up is to be written for. The answer is untrusted text.</summary>
/// <param name="Tenant">Who pays.</param>
/// <param name="SessionId">Whose budget pays.</param>
/// <param name="Question">The question answered.</param>
/// <param name="Answer">The typed answer, or the transcript of the spoken one.</param>
/// <param name="Asked">Texts of the questions that the interview has already, asked or planned.</param>
public sealed record FollowUpBrief(string Tenant, string SessionId, Question Question, string Answer, IReadOnlyList<string> Asked);

/// <summary>A question, or why there is none.</summary>
/// <param name="Question">Text, key points, competency, id and source; index and kind are the caller's. Null when there is none.</param>
/// <param name="Outcome">One of <see cref="QuestionOutcomes"/>.</param>
public sealed record WrittenQuestion(Question? Question, string Outcome);

/// <summary>How a request for a question ended, as metrics name it.</summary>
public static class QuestionOutcomes
{
    /// <summary>A model was asked.</summary>
    public const string Generated = "generated";

    /// <summary>Kept from an earlier request.</summary>
    public const string Cached = "cached";

    /// <summary>An equal request was under way.</summary>
    public const string Shared = "shared";

    /// <summary>No follow-up is worth asking.</summary>
    public const string NotNeeded = "not-needed";

    /// <summary>The provider gave no answer.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>What the model wrote may not be asked.</summary>
    public const string Rejected = "rejected";

    /// <summary>Too many requests are under way.</summary>
    public const string Overloaded = "overloaded";

    /// <summary>Not there within the time that the candidate may be kept waiting.</summary>
    public const string Late = "late";

    /// <summary>The interview has a question like it already.</summary>
    public const string Duplicate = "duplicate";
}
