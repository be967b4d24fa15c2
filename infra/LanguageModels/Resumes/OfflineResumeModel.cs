using StreamPlatform.Topology.Ports;

namespace StreamPlatform.LanguageModels.Resumes;

/// <summary>
/// Judges a resume without a network: the share of the job's words (stemmed, synonyms made one) that it takes up, over 0.6, as 0..100. Deterministic; rewrites nothing; always to be
/// confirmed by a person, for it counts words and understands none of them.
/// </summary>
public sealed class OfflineResumeModel : IResumeModel
{
    internal const string Unconfirmed = "The offline engine counts words and does not understand them: a person must confirm its score.";
    internal const string Addressed = "The resume contains text addressed to the scorer, which was left out.";
    private const int MaxNamed = 12;

    public string Engine => "offline-coverage";

    public string PromptVersion => "1";

    public Task<ResumeAssessment> AssessAsync(ResumeQuestion question, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        JobCoverage coverage = JobCoverage.Of(question.JobText, question.ResumeText);
        string summary = coverage.Found.Count == 0
            ? "The resume takes up none of the job's words."
            : $"The resume takes up {coverage.Found.Count} of the job's words, among them: {string.Join(", ", coverage.Found.Take(MaxNamed))}.";
        return Task.FromResult(new ResumeAssessment(
            (float)Math.Round(100 * coverage.Share, 1), summary, "", coverage.Quotes, coverage.Missing, true, coverage.Addressed > 0 ? $"{Unconfirmed} {Addressed}" : Unconfirmed, 0));
    }
}
