namespace StreamPlatform.Topology.Ports;

/// <summary>Judges a resume against a job and rewrites it for the job. Safe for concurrent use.</summary>
public interface IResumeModel
{
    /// <summary>Judges one resume; its text is untrusted.</summary>
    /// <exception cref="Streams.TransientException">Worth trying again at once.</exception>
    /// <exception cref="Streams.DeferredException">The provider is down, busy or paid out: worth trying again later.</exception>
    /// <exception cref="Streams.PoisonException">No attempt will bring an answer.</exception>
    Task<ResumeAssessment> AssessAsync(ResumeQuestion question, CancellationToken cancellationToken);

    /// <summary>Name of the engine as stored with each result.</summary>
    string Engine { get; }

    /// <summary>Version of its prompt or rubric: results of another version are not reused.</summary>
    string PromptVersion { get; }
}

/// <param name="Tenant">Who pays.</param>
/// <param name="JobText">The job's description, at most 32 KiB.</param>
/// <param name="ResumeText">The resume's text, at most 256 KiB: untrusted.</param>
/// <param name="Bulk">Low priority: single resumes go first.</param>
public sealed record ResumeQuestion(string Tenant, string JobText, string ResumeText, bool Bulk);

/// <param name="Score">0..100.</param>
/// <param name="Summary">How the resume meets the job.</param>
/// <param name="OptimizedText">The rewritten resume; empty when the engine only scores.</param>
/// <param name="Evidence">Quotes that occur in the resume.</param>
/// <param name="Missing">What the job asks for and the resume does not show.</param>
/// <param name="NeedsHumanReview">True when a person must confirm.</param>
/// <param name="ReviewReason">Why; empty when no review is needed.</param>
/// <param name="CostUsd">US dollars.</param>
public sealed record ResumeAssessment(
    float Score, string Summary, string OptimizedText, IReadOnlyList<string> Evidence, IReadOnlyList<string> Missing, bool NeedsHumanReview, string ReviewReason, double CostUsd);
