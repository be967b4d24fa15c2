namespace StreamPlatform.Topology.Speech;

/// <summary>Word error rate: the Levenshtein distance over words, divided by the words of the reference.</summary>
public static class WordErrorRate
{
    /// <summary>Errors per reference word: 0 is perfect; above 1 is possible, when more is inserted than was said.</summary>
    /// <returns>0 when both are empty, 1 when only the reference is.</returns>
    public static double Between(string reference, string hypothesis)
    {
        string[] expected = Words(reference);
        string[] heard = Words(hypothesis);
        return expected.Length == 0 ? (heard.Length == 0 ? 0 : 1) : (double)Distance(expected, heard) / expected.Length;
    }

    /// <summary>Fewest substitutions, insertions and deletions that turn one into the other.</summary>
    public static int Distance(IReadOnlyList<string> expected, IReadOnlyList<string> heard)
    {
        int[] row = new int[heard.Count + 1];
        for (int j = 0; j < row.Length; j++)
        {
            row[j] = j;
        }
        for (int i = 1; i <= expected.Count; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.Length; j++)
            {
                int substituted = diagonal + (expected[i - 1] == heard[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }

    /// <summary>Lower-case words without punctuation; an apostrophe inside a word stays ("don't"), a hyphen parts two words, digits stay as written.</summary>
    public static string[] Words(string text)
    {
        Span<char> clean = text.Length <= 1024 ? stackalloc char[text.Length] : new char[text.Length];
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i] == '’' ? '\'' : text[i];
            bool inside = c == '\'' && i > 0 && i + 1 < text.Length && char.IsLetterOrDigit(text[i - 1]) && char.IsLetterOrDigit(text[i + 1]);
            clean[i] = char.IsLetterOrDigit(c) || inside ? char.ToLowerInvariant(c) : ' ';
        }
        return new string(clean).Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }
}
