using StreamPlatform.LanguageModels.Provider.Injection;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.LanguageModels.Provider;

/// <summary>What is wrong with a model's verdict: pure functions of the verdict, the answer, the tokens, and the offline rubric's evaluation.</summary>
internal static class VerdictChecks
{
    /// <summary>Shortest quote, in letters and digits: a word or two prove nothing.</summary>
    private const int MinQuoteChars = 10;

    private const int MaxFeedbackChars = 4_000;

    /// <summary>Length of a part of a token whose appearance is no chance: 48 bits.</summary>
    private const int LeakChars = 12;

    /// <summary>Flags, each once; none when nothing is wrong.</summary>
    public static IReadOnlyList<string> Of(ModelVerdict verdict, string answer, Tokens tokens, Evaluation offline, ProviderScoringOptions options)
    {
        List<string> flags = [];
        Check(verdict.Technical is < 0 or > 100 || verdict.Communication is < 0 or > 100, ScoreFlags.OutOfBounds);
        Check(verdict.Canary != tokens.Canary, ScoreFlags.CanaryWrong);
        Check(Leaks(verdict, tokens), ScoreFlags.CanaryLeaked);
        string said = Folding.Compact(answer);
        string[] quotes = [.. verdict.Evidence.Select(e => Folding.Compact(e.Quote))];
        Check(quotes.Any(quote => !said.Contains(quote, StringComparison.Ordinal)), ScoreFlags.EvidenceForged);
        Check(Unsupported(verdict.Technical, "technical") || Unsupported(verdict.Communication, null), ScoreFlags.EvidenceMissing);
        Check(verdict.Feedback.Length > MaxFeedbackChars || InstructionDetector.IsSuspiciousFeedback(verdict.Feedback), ScoreFlags.FeedbackSuspicious);
        Check(verdict.Technical > offline.Technical + options.TechnicalMargin || verdict.Communication > offline.Communication + options.CommunicationMargin,
            ScoreFlags.Unsupported);
        return flags;

        void Check(bool wrong, string flag)
        {
            if (wrong)
            {
                flags.Add(flag);
            }
        }

        // What is well said is seen in any passage; what is right, only in one about the matter.
        bool Unsupported(double score, string? criterion) => score > options.EvidenceFloor
            && !verdict.Evidence.Where((e, i) => (criterion is null || e.Criterion == criterion) && quotes[i].Length >= MinQuoteChars).Any();
    }

    private static bool Leaks(ModelVerdict verdict, Tokens tokens)
    {
        IEnumerable<string> elsewhere = verdict.Evidence.Select(e => e.Quote).Append(verdict.Feedback);
        return elsewhere.Select(Folding.Compact).Any(text => Parts(tokens.Canary).Concat(Parts(tokens.Fence)).Any(part => text.Contains(part, StringComparison.Ordinal)))
            || verdict.Canary.Contains(tokens.Fence, StringComparison.OrdinalIgnoreCase);
    }

    private static IEnumerable<string> Parts(string token)
    {
        string reversed = new([.. token.Reverse()]);
        for (int i = 0; i + LeakChars <= token.Length; i++)
        {
            yield return token.Substring(i, LeakChars);
            yield return reversed.Substring(i, LeakChars);
        }
    }
}
