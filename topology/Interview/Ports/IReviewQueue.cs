namespace StreamPlatform.Topology.Ports;

/// <summary>Scores that wait for a person, and those that a person decided.</summary>
public interface IReviewQueue
{
    /// <summary>Rows of a state, those that wait longest first; of decided ones the latest decision first.</summary>
    /// <param name="state">"open" or "decided".</param>
    /// <param name="limit">1..500.</param>
    Task<IReadOnlyList<ReviewRow>> ListAsync(string state, int limit, CancellationToken cancellationToken) => ListAsync(state, new ListPage(limit), cancellationToken);

    /// <summary>A page of the same list: after the row opened (of decided ones: decided) at the page's time.</summary>
    Task<IReadOnlyList<ReviewRow>> ListAsync(string state, ListPage page, CancellationToken cancellationToken);

    /// <summary>The row of an answer, whatever its state; null when it is not scored (yet).</summary>
    Task<ReviewRow?> FindAsync(string answerId, CancellationToken cancellationToken);
}

/// <summary>A score in force with what a person needs to judge it. Times are Unix milliseconds.</summary>
/// <param name="AnswerText">As typed, or as recognised.</param>
/// <param name="Confidence">Of the transcript, 0..1; 1 for a typed answer.</param>
/// <param name="State">"open", "decided", or "none" when nobody has to look.</param>
/// <param name="Revision">Of the score shown: a decision names it, so that none is made on what has changed meanwhile.</param>
/// <param name="Reviewer">Who decided; empty while open.</param>
/// <param name="Decision">Why; empty while open.</param>
/// <param name="DecidedAtMs">0 while open.</param>
/// <param name="PreviousTechnical">The score that was replaced, 0..100; 0 while open.</param>
/// <param name="PreviousCommunication">The score that was replaced, 0..100; 0 while open.</param>
public sealed record ReviewRow(
    string AnswerId, string SessionId, string Tenant, string CandidateName, string Position, int QuestionIndex, string QuestionId, string QuestionText,
    string AnswerText, float Confidence, float Technical, float Communication, string Feedback, IReadOnlyList<string> Evidence, string Engine,
    string RubricVersion, string Model, string PromptVersion, IReadOnlyList<string> Flags, string ReviewReason, long ScoredAtMs, string State, int Revision,
    string Reviewer, string Decision, long DecidedAtMs, float PreviousTechnical, float PreviousCommunication);
