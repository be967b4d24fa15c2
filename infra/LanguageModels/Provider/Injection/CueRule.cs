namespace StreamPlatform.LanguageModels.Provider.Injection;

/// <summary>Words of one sentence, lower case, letters and digits only, at most <see cref="MaxWords"/>.</summary>
internal sealed class CueSentence
{
    /// <summary>Words looked at together; recognised speech has no full stops.</summary>
    public const int MaxWords = 400;

    private static readonly HashSet<string> Address = ["you", "your", "yourself", "please", "must", "shall", "pls", "u"];

    // What may stand before the verb of an order.
    private static readonly HashSet<string> Fillers = ["and", "then", "so", "now", "just", "also", "simply", "therefore", "instead", "always", "here", "thus", "do", "hereby"];

    private CueSentence(string[] words) => Words = words;

    public string[] Words { get; }

    /// <summary>Speaks to somebody, or orders: a verb of the group stands first, or "you", "please", "must" stand within.</summary>
    public bool Orders(CueGroup verbs) => Words.SkipWhile(Fillers.Contains).Take(1).Any(verbs.Matches) || Words.Any(Address.Contains);

    public static CueSentence Of(string folded)
    {
        List<string> words = [];
        int start = -1;
        for (int i = 0; i <= folded.Length && words.Count < MaxWords; i++)
        {
            bool inside = i < folded.Length && (char.IsLetterOrDigit(folded[i]) || folded[i] == '\'');
            if (inside && start < 0)
            {
                start = i;
            }
            else if (!inside && start >= 0)
            {
                words.Add(folded[start..i]);
                start = -1;
            }
        }
        return new([.. words]);
    }
}

/// <summary>Words of which one is meant; "ignor*" means every word that begins so, "#" a number of one to three digits.</summary>
internal sealed class CueGroup
{
    private readonly HashSet<string> whole;
    private readonly string[] beginnings;
    private readonly bool numbers;

    public CueGroup(string words)
    {
        string[] all = words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        whole = [.. all.Where(word => !word.EndsWith('*'))];
        numbers = whole.Remove("#");
        beginnings = [.. all.Where(word => word.EndsWith('*')).Select(word => word[..^1])];
    }

    public bool Matches(string word) => whole.Contains(word) || beginnings.Any(beginning => word.StartsWith(beginning, StringComparison.Ordinal))
        || (numbers && word.Length <= 3 && word.All(char.IsAsciiDigit));
}

/// <summary>A sign that text addresses the scorer: a word of every group within a span of words, in any order.</summary>
/// <param name="Name">As flags and logs name it.</param>
/// <param name="Span">Words from the first to the last of them, at most.</param>
/// <param name="Imperative">Only where the sentence speaks to somebody; the first group holds the verbs.</param>
/// <param name="Groups">Two to four.</param>
internal sealed record CueRule(string Name, int Span, bool Imperative, params CueGroup[] Groups)
{
    public bool IsIn(CueSentence sentence)
    {
        if (Imperative && !sentence.Orders(Groups[0]))
        {
            return false;
        }
        int[] last = new int[Groups.Length];
        Array.Fill(last, int.MinValue);
        for (int i = 0; i < sentence.Words.Length; i++)
        {
            for (int g = 0; g < Groups.Length; g++)
            {
                if (Groups[g].Matches(sentence.Words[i]))
                {
                    last[g] = i;
                }
            }
            int first = last.Min();
            if (first != int.MinValue && i - first < Span && last.Max() == i)
            {
                return true;
            }
        }
        return false;
    }
}
