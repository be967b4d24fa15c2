namespace StreamPlatform.LanguageModels;

/// <summary>How much of a passage was read, by the longest common subsequence of words.</summary>
internal sealed class PassageReading
{
    /// <summary>Words compared at most, of either text; bounds the table to 4 million cells.</summary>
    private const int MaxWords = 2_000;

    private const int MaxQuotes = 3;
    private const int MinQuoteWords = 3;

    private readonly AnswerText text;
    private readonly bool[] matches;

    private PassageReading(AnswerText text, bool[] matches, int passageWords)
    {
        this.text = text;
        this.matches = matches;
        PassageWords = passageWords;
        Matched = matches.Count(match => match);
        Extra = text.Words.Count - Matched;
    }

    public int PassageWords { get; }

    /// <summary>Words of the passage found in their order.</summary>
    public int Matched { get; }

    /// <summary>Words heard that are not the passage's.</summary>
    public int Extra { get; }

    /// <summary>Harmonic mean of the shares of passage and of answer that match, 0..1.</summary>
    public double InOrder => PassageWords == 0 ? 0 : 2.0 * Matched / (PassageWords + text.Words.Count);

    /// <summary>As read through at a stretch: the order's measure, raised towards 1 by long unbroken runs, 0..1.</summary>
    public double Fluency => InOrder * (0.7 + (0.3 * Math.Min(1, LongestRun() / (0.2 * Math.Max(5, PassageWords)))));

    public static PassageReading Of(string passage, AnswerText text)
    {
        string[] expected = [.. Tokenizer.Words(passage, 0, passage.Length).Select(word => word.Plain).Take(MaxWords)];
        string[] heard = [.. text.Words.Select(word => word.Plain).Take(MaxWords)];
        int[,] common = new int[expected.Length + 1, heard.Length + 1];
        for (int i = expected.Length - 1; i >= 0; i--)
        {
            for (int j = heard.Length - 1; j >= 0; j--)
            {
                common[i, j] = expected[i] == heard[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }
        bool[] matches = new bool[heard.Length];
        for (int i = 0, j = 0; i < expected.Length && j < heard.Length;)
        {
            if (expected[i] == heard[j])
            {
                matches[j] = true;
                i++;
                j++;
            }
            else if (common[i + 1, j] >= common[i, j + 1])
            {
                i++;
            }
            else
            {
                j++;
            }
        }
        return new(text, matches, expected.Length);
    }

    /// <summary>The longest unbroken runs, as they stand in the answer.</summary>
    public IReadOnlyList<string> Quotes() =>
    [
        .. Runs().Where(run => run.Count >= MinQuoteWords).OrderByDescending(run => run.Count).ThenBy(run => run.First)
            .Take(MaxQuotes).Select(run => text.Quote(run.First, run.First + run.Count - 1)),
    ];

    private int LongestRun() => Runs().Select(run => run.Count).DefaultIfEmpty(0).Max();

    private IEnumerable<(int First, int Count)> Runs()
    {
        int first = 0;
        for (int i = 0; i <= matches.Length; i++)
        {
            if (i == matches.Length || !matches[i])
            {
                if (i > first)
                {
                    yield return (first, i - first);
                }
                first = i + 1;
            }
        }
    }
}
