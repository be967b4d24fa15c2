using StreamPlatform.Schemas.V1;

namespace StreamPlatform.LanguageModels;

/// <summary>How much of a question's key points an answer mentions, and where.</summary>
internal sealed class KeyPointCoverage
{
    /// <summary>Share of a key point's terms below which the point is not mentioned at all: chance reaches it.</summary>
    private const double NoiseShare = 0.2;

    /// <summary>Share of a key point's terms from which the point is fully mentioned: nobody uses all of another's words.</summary>
    private const double FullShare = 0.6;

    /// <summary>What a term counts that the question already says: repeating the question answers nothing.</summary>
    private const double QuestionTermWeight = 0.25;

    /// <summary>Sentences that may mention one point together.</summary>
    private const int WindowSentences = 2;

    /// <summary>A quote ends after this many words.</summary>
    private const int MaxQuoteWords = 40;

    private const int MaxQuotes = 3;

    private KeyPointCoverage(int points, double share, double relevance, List<string> found, List<string> missing, List<string> quotes)
    {
        HasPoints = points > 0;
        Share = share;
        Relevance = relevance;
        Found = found;
        Missing = missing;
        Quotes = quotes;
    }

    public bool HasPoints { get; }

    /// <summary>Mean over the points, 0..1.</summary>
    public double Share { get; }

    /// <summary>How far the answer takes up the question's own terms, 0..1: one may be chance, four are enough.</summary>
    public double Relevance { get; }

    public IReadOnlyList<string> Found { get; }

    public IReadOnlyList<string> Missing { get; }

    /// <summary>Where the best covered points stand, word for word.</summary>
    public IReadOnlyList<string> Quotes { get; }

    public static KeyPointCoverage Of(Question question, AnswerText text)
    {
        HashSet<string> asked = Tokenizer.Terms(question.Text);
        List<HashSet<string>> windows = Windows(text);
        List<(string Point, double Covered, int Window)> points = [];
        foreach (string point in question.KeyPoints)
        {
            HashSet<string> terms = Tokenizer.Terms(point);
            if (terms.Count > 0)
            {
                (double share, int window) = BestWindow(terms, asked, windows);
                points.Add((point, Math.Clamp((share - NoiseShare) / (FullShare - NoiseShare), 0, 1), window));
            }
        }
        HashSet<string> said = [.. text.Words.Select(word => word.Term)];
        double relevance = asked.Count < 2 ? 0 : Math.Clamp((asked.Count(said.Contains) - 1) / Math.Min(3.0, asked.Count - 1), 0, 1);
        double mean = points.Count == 0 ? 0 : points.Average(point => point.Covered);
        return new(
            points.Count,
            mean,
            relevance,
            [.. points.Where(point => point.Covered >= 0.5).Select(point => point.Point)],
            [.. points.Where(point => point.Covered < 0.5).Select(point => point.Point)],
            [.. points.Where(point => point.Covered >= 0.5).OrderByDescending(point => point.Covered).Select(point => point.Window).Distinct()
                .Take(MaxQuotes).Select(window => QuoteOf(text, window))]);
    }

    private static List<HashSet<string>> Windows(AnswerText text)
    {
        List<HashSet<string>> windows = [];
        for (int i = 0; i < text.Sentences.Count; i++)
        {
            HashSet<string> terms = [];
            for (int j = i; j < Math.Min(i + WindowSentences, text.Sentences.Count); j++)
            {
                Sentence sentence = text.Sentences[j];
                terms.UnionWith(text.Words.Skip(sentence.First).Take(sentence.Count).Select(word => word.Term));
            }
            windows.Add(terms);
        }
        return windows;
    }

    private static (double Share, int Window) BestWindow(HashSet<string> terms, HashSet<string> asked, List<HashSet<string>> windows)
    {
        double Weight(string term) => asked.Contains(term) ? QuestionTermWeight : 1;
        double whole = terms.Sum(Weight);
        (double Share, int Window) best = (0, 0);
        for (int i = 0; i < windows.Count; i++)
        {
            double share = terms.Where(windows[i].Contains).Sum(Weight) / whole;
            if (share > best.Share)
            {
                best = (share, i);
            }
        }
        return best;
    }

    private static string QuoteOf(AnswerText text, int window)
    {
        Sentence sentence = text.Sentences[window];
        return text.Quote(sentence.First, sentence.First + Math.Min(sentence.Count, MaxQuoteWords) - 1);
    }
}
