using System.Text.Json;
using System.Text.RegularExpressions;

namespace StreamPlatform.LanguageModels.Resumes;

/// <summary>What a model answered, held against the schema and against the resume. What does not hold is left out and named in <see cref="Doubts"/>.</summary>
internal sealed partial class ResumeAnswer
{
    private const int MaxSummaryChars = 2_000;
    private const int MaxOptimizedChars = 32 * 1024;
    private const int MaxEvidence = 10;
    private const int MaxQuoteChars = 400;
    private const int MinQuoteChars = 8;
    private const int MaxMissing = 30;
    private const int MaxMissingChars = 120;

    /// <summary>Points above the share of the job's words that the resume takes up from which a score is doubted.</summary>
    private const double MaxAboveCoverage = 50;

    private ResumeAnswer(float score, string summary, string optimized, IReadOnlyList<string> evidence, IReadOnlyList<string> missing, IReadOnlyList<string> doubts)
    {
        Score = score;
        Summary = summary;
        Optimized = optimized;
        Evidence = evidence;
        Missing = missing;
        Doubts = doubts;
    }

    public float Score { get; }

    public string Summary { get; }

    public string Optimized { get; }

    public IReadOnlyList<string> Evidence { get; }

    public IReadOnlyList<string> Missing { get; }

    /// <summary>Why a person must look; empty when all holds.</summary>
    public IReadOnlyList<string> Doubts { get; }

    /// <summary>Null when it is not of the schema.</summary>
    public static ResumeAnswer? Parse(string json, string resume, JobCoverage coverage, ResumePrompt prompt)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, new() { MaxDepth = 8 });
            JsonElement root = document.RootElement;
            double score = root.GetProperty("score").GetDouble();
            string summary = Text(root.GetProperty("summary"), MaxSummaryChars);
            string optimized = Text(root.GetProperty("optimized_resume"), MaxOptimizedChars);
            string[] quotes = Texts(root.GetProperty("evidence"), MaxEvidence, MaxQuoteChars);
            string[] missing = Texts(root.GetProperty("missing"), MaxMissing, MaxMissingChars);
            return double.IsFinite(score) ? Check(json, score, summary, optimized, quotes, missing, resume, coverage, prompt) : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static ResumeAnswer Check(
        string json, double score, string summary, string optimized, string[] quotes, string[] missing, string resume, JobCoverage coverage, ResumePrompt prompt)
    {
        List<string> doubts = [];
        string plain = Plain(resume);
        string[] evidence = [.. quotes.Where(quote => quote.Length >= MinQuoteChars && plain.Contains(Plain(quote), StringComparison.OrdinalIgnoreCase))];
        Doubt(doubts, score is < 0 or > 100, "The score lay outside of 0 to 100.");
        Doubt(doubts, evidence.Length < quotes.Length, $"{quotes.Length - evidence.Length} of {quotes.Length} quotes do not occur in the resume and were left out.");
        Doubt(doubts, evidence.Length == 0, "No evidence from the resume supports the score.");
        Doubt(doubts, score - (100 * coverage.Share) > MaxAboveCoverage, "The score is far above what the resume takes up of the job's words.");
        Doubt(doubts, coverage.Addressed > 0, "The resume contains text addressed to the scorer.");
        Doubt(doubts, prompt.Cut, "The resume is longer than what the model was shown.");
        string[] invented = [.. Numbers().Matches(optimized).Select(match => match.Value).Distinct().Where(number => !resume.Contains(number, StringComparison.Ordinal))];
        Doubt(doubts, invented.Length > 0, $"The rewritten resume holds {invented.Length} number(s) that the resume does not.");
        bool leaked = json.Contains(prompt.Canary, StringComparison.OrdinalIgnoreCase);
        Doubt(doubts, leaked, "The answer repeats its instructions: text in the material steered the model, and its score was replaced by the share of the job's words.");
        return new(
            (float)(leaked ? 100 * coverage.Share : Math.Clamp(score, 0, 100)), leaked ? "" : summary, leaked ? "" : optimized, evidence, missing, doubts);
    }

    private static void Doubt(List<string> doubts, bool holds, string reason)
    {
        if (holds)
        {
            doubts.Add(reason);
        }
    }

    private static string Text(JsonElement element, int maxChars)
    {
        string text = element.GetString() ?? throw new FormatException("null where a text is expected");
        return text.Length > maxChars ? text[..maxChars] : text;
    }

    private static string[] Texts(JsonElement element, int most, int maxChars) => [.. element.EnumerateArray().Take(most).Select(each => Text(each, maxChars))];

    /// <summary>White space made one blank: a quote may cross a line's end.</summary>
    private static string Plain(string text) => WhiteSpace().Replace(text, " ").Trim();

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();

    [GeneratedRegex(@"\d{2,}")]
    private static partial Regex Numbers();
}
