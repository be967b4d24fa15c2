namespace StreamPlatform.LanguageModels;

/// <summary>Strips English endings until none is left, so that the forms of a word meet: transactional, transactions, transact.</summary>
/// <remarks>Coarser than Porter's stemmer, from which the idea is taken: it need only send both texts to the same form.</remarks>
internal static class Stemmer
{
    private static readonly string[] Endings =
    [
        "iveness", "fulness", "ousness", "ability", "ibility", "ments", "ment", "ingly", "ities", "ance", "ence", "ency", "able", "ible",
        "ity", "ings", "ing", "ions", "ion", "ers", "ors", "ies", "ied", "ed", "er", "or", "es", "ly", "al", "ic", "ive", "ent", "ant", "s", "e", "y",
    ];

    /// <summary>Characters that must be left.</summary>
    private const int MinStem = 4;

    public static string Stem(string word)
    {
        int apostrophe = word.IndexOf('\'');
        string stem = apostrophe > 1 ? word[..apostrophe] : word;
        if (stem.Length == MinStem && stem[^1] == 's' && stem[^2] != 's')
        {
            return stem[..^1]; // logs, keys
        }
        string? shorter = stem;
        while (shorter is not null)
        {
            stem = shorter;
            shorter = StripOne(stem);
        }
        return stem;
    }

    private static string? StripOne(string stem)
    {
        foreach (string ending in Endings)
        {
            if (stem.Length - ending.Length < MinStem || !stem.EndsWith(ending, StringComparison.Ordinal))
            {
                continue;
            }
            if (ending == "s" && stem[^2] == 's')
            {
                continue; // process, access
            }
            string rest = stem[..^ending.Length];
            bool doubled = ending is "ing" or "ed" or "er" && rest.Length > MinStem && rest[^1] == rest[^2] && rest[^1] is not ('s' or 'l');
            return doubled ? rest[..^1] : rest; // committed, commit
        }
        return null;
    }
}
