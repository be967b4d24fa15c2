using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.LanguageModels;

/// <summary>
/// The scorer that needs no network: it measures how much of the question's key points an answer mentions and how the answer is built.
/// Deterministic, and always to be confirmed by a person, for it counts words and understands none of them.
/// </summary>
/// <remarks>
/// technical = 100 · (0.75 · coverage + 0.1 · relevance + 0.15 · depth), where coverage is the mean over key points, relevance says whether the
/// question's terms are taken up, and depth (numbers, examples, reasons) counts only as far as the points are covered. A passage read aloud is measured by its overlap with the passage instead.
/// Sentences addressed to the scorer are left out before anything is counted.
/// </remarks>
public sealed class OfflineRubric : ILanguageModel
{
    /// <summary>Characters of an answer that are read; the gateway's limit is 32 KiB of UTF-8.</summary>
    public const int MaxAnswerChars = 32 * 1024;

    internal const string Unconfirmed = "The offline rubric counts words and does not understand them: a person must confirm its score.";
    internal const string Addressed = " The answer contains text addressed to the scorer, which was left out.";
    internal const string TooLong = " Only the beginning of a very long answer was read.";

    /// <summary>Name stored with its scores.</summary>
    public const string EngineName = "offline-rubric";

    /// <summary>Version of the formulas above.</summary>
    public const string Version = "1";

    public ValueTask<Evaluation> EvaluateAsync(AnswerToScore answer, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Evaluate(answer.Question, answer.Text));
    }

    /// <summary>The same, at once: it takes a few milliseconds and waits for nothing.</summary>
    public static Evaluation Evaluate(Question question, string answer)
    {
        bool tooLong = answer.Length > MaxAnswerChars;
        AnswerText text = AnswerText.Parse(tooLong ? answer[..MaxAnswerChars] : answer);
        string reason = Unconfirmed + (text.Addressed > 0 ? Addressed : "") + (tooLong ? TooLong : "");
        if (text.Words.Count == 0)
        {
            return Marked(0, 0, text.Addressed > 0 ? "Nothing in the answer concerns the question." : "There is no answer.", [], reason);
        }
        return question.Passage.Length > 0 ? EvaluateReading(question, text, reason) : EvaluateContent(question, text, reason);
    }

    private static Evaluation EvaluateReading(Question question, AnswerText text, string reason)
    {
        PassageReading reading = PassageReading.Of(question.Passage, text);
        string feedback = $"{reading.Matched} of the passage's {reading.PassageWords} words were recognised in their order; "
            + $"{reading.Extra} other words were heard. Errors of the speech recogniser count as errors of the reader here.";
        return Marked(reading.InOrder, reading.Fluency, feedback, reading.Quotes(), reason);
    }

    private static Evaluation EvaluateContent(Question question, AnswerText text, string reason)
    {
        KeyPointCoverage coverage = KeyPointCoverage.Of(question, text);
        Composition composition = Composition.Of(text);
        double depth = composition.Depth * Math.Min(1, coverage.Share * 2);
        double technical = coverage.HasPoints
            ? (0.75 * coverage.Share) + (0.10 * coverage.Relevance) + (0.15 * depth)
            : 0.6 * coverage.Relevance * (0.5 + (0.5 * composition.Depth));
        double onTopic = Math.Min(1, Math.Max(coverage.Relevance, coverage.Share * 2));
        double communication = composition.Quality * (0.4 + (0.6 * onTopic)); // well said, but not about this, communicates little
        return Marked(technical, communication, Feedback(coverage, composition), coverage.Quotes, reason);
    }

    private static Evaluation Marked(double technical, double communication, string feedback, IReadOnlyList<string> quotes, string reason) =>
        new(Percent(technical), Percent(communication), feedback, quotes, true, reason) { Engine = EngineName, RubricVersion = Version };

    private static string Feedback(KeyPointCoverage coverage, Composition composition)
    {
        List<string> sentences = [];
        if (coverage.Found.Count > 0)
        {
            sentences.Add($"Mentions: {string.Join("; ", coverage.Found)}.");
        }
        if (coverage.Missing.Count > 0)
        {
            sentences.Add($"Not found: {string.Join("; ", coverage.Missing)}.");
        }
        sentences.Add(composition.Remark);
        return string.Join(' ', sentences);
    }

    private static float Percent(double share) => (float)Math.Round(100 * Math.Clamp(share, 0, 1), 1);
}
