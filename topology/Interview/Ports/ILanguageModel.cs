using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Topology.Ports;

/// <summary>Evaluates an answer against its question.</summary>
public interface ILanguageModel
{
    /// <summary>Scores one answer. <paramref name="answer"/> is untrusted text from a candidate.</summary>
    ValueTask<Evaluation> EvaluateAsync(Question question, string answer, CancellationToken cancellationToken);

    /// <summary>Name of the engine as stored with each score, e.g. "offline-rubric".</summary>
    string Engine { get; }

    /// <summary>Version of the rubric.</summary>
    string RubricVersion { get; }
}

/// <param name="Technical">0..100.</param>
/// <param name="Communication">0..100.</param>
/// <param name="Feedback">One or more sentences for the candidate's reviewer.</param>
/// <param name="Evidence">Quotes that occur in the answer.</param>
/// <param name="NeedsHumanReview">True when a person must confirm.</param>
/// <param name="ReviewReason">Why; empty when no review is needed.</param>
public sealed record Evaluation(
    float Technical, float Communication, string Feedback, IReadOnlyList<string> Evidence, bool NeedsHumanReview, string ReviewReason);
