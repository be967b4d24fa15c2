namespace StreamPlatform.LanguageModels;

/// <summary>Parts text into words and brings each to the form that is compared.</summary>
internal static class Tokenizer
{
    /// <summary>Words longer than this are no words; they are passed over.</summary>
    private const int MaxWordChars = 40;

    public static IEnumerable<Word> Words(string text, int start, int end)
    {
        int first = -1;
        for (int i = start; i <= end; i++)
        {
            bool inside = i < end && (char.IsLetterOrDigit(text[i]) || (first >= 0 && text[i] is '\'' or '’' && i + 1 < end && char.IsLetter(text[i + 1])));
            if (inside)
            {
                first = first < 0 ? i : first;
            }
            else if (first >= 0)
            {
                if (i - first <= MaxWordChars)
                {
                    string plain = text[first..i].ToLowerInvariant().Replace('’', '\'');
                    yield return new(Term(plain), plain, first, i);
                }
                first = -1;
            }
        }
    }

    /// <summary>The terms of a text that carry content, each once.</summary>
    public static HashSet<string> Terms(string text) => [.. Words(text, 0, text.Length).Select(word => word.Term).Where(term => term.Length > 0)];

    private static string Term(string plain) => Lexicon.StopWords.Contains(plain) ? "" : Lexicon.Canonical(Stemmer.Stem(plain));
}
