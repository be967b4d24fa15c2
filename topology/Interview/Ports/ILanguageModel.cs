using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Topology.Ports;

/// <summary>Evaluates an answer against its question.</summary>
public interface ILanguageModel
{
    /// <summary>Scores one answer. Its text is untrusted: it comes from a candidate. Always ends with an evaluation; throws only when cancelled.</summary>
    ValueTask<Evaluation> EvaluateAsync(AnswerToScore answer, CancellationToken cancellationToken);
}

/// <summary>An answer as text, typed or transcribed, ready to be scored.</summary>
/// <param name="AnswerId">"SESSION/QUESTION INDEX".</param>
/// <param name="SessionId">Whose budget pays.</param>
/// <param name="Tenant">Whose budget pays.</param>
/// <param name="Question">What was asked.</param>
/// <param name="Text">What was answered; untrusted.</param>
/// <param name="Confidence">How sure the recogniser is of the text, 0..1; 1 for a typed answer.</param>
/// <param name="Revision">Revision of the score to be made: see <see cref="ScoreRevisions"/>.</param>
public sealed record AnswerToScore(string AnswerId, string SessionId, string Tenant, Question Question, string Text, float Confidence = 1, int Revision = 0);

/// <param name="Technical">0..100.</param>
/// <param name="Communication">0..100.</param>
/// <param name="Feedback">One or more sentences for the candidate's reviewer.</param>
/// <param name="Evidence">Quotes that occur in the answer.</param>
/// <param name="NeedsHumanReview">True when a person must confirm.</param>
/// <param name="ReviewReason">Why; empty when no review is needed.</param>
public sealed record Evaluation(
    float Technical, float Communication, string Feedback, IReadOnlyList<string> Evidence, bool NeedsHumanReview, string ReviewReason)
{
    /// <summary>Whose numbers these are, as stored with each score, e.g. "offline-rubric".</summary>
    public required string Engine { get; init; }

    /// <summary>Version of that engine's rubric.</summary>
    public required string RubricVersion { get; init; }

    /// <summary>"VERSION/HASH" of the prompt that was asked with; empty when no model was asked.</summary>
    public string PromptVersion { get; init; } = "";

    /// <summary>Model that was asked, as the provider names it; empty when none was.</summary>
    public string Model { get; init; } = "";

    /// <summary>What asking cost, US dollars, whether or not the answer was used.</summary>
    public decimal CostUsd { get; init; }

    /// <summary>What was caught: <see cref="ScoreFlags"/>.</summary>
    public IReadOnlyList<string> Flags { get; init; } = [];
}
