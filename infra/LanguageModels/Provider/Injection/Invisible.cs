using System.Globalization;
using System.Text;

namespace StreamPlatform.LanguageModels.Provider.Injection;

/// <summary>Characters that a reader does not see and a model does.</summary>
internal static class Invisible
{
    /// <summary>The text without them; line breaks and tabs stay, half surrogate pairs become U+FFFD.</summary>
    public static string Strip(string text)
    {
        StringBuilder visible = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (!IsInvisible(rune))
            {
                visible.Append(rune);
            }
        }
        return visible.ToString();
    }

    /// <summary>
    /// True for what nobody writes by accident: tag characters (U+E0000 ff.), overrides of the writing direction, private use, and joiners or
    /// zero-width spaces inside a Latin word. Joiners inside emoji and in scripts that need them are no such thing.
    /// </summary>
    public static bool HidesText(string text)
    {
        bool pending = false, afterLatin = false;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune.Value is (>= 0xE0000 and <= 0xE007F) or (>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069) || Rune.GetUnicodeCategory(rune) == UnicodeCategory.PrivateUse)
            {
                return true;
            }
            if (rune.Value is 0x200B or 0x200C or 0x200D or 0x2060 or 0xFEFF or 0x00AD)
            {
                pending = afterLatin && rune.Value != 0x00AD; // a soft hyphen is how text is copied from a page
                continue;
            }
            bool latin = rune.IsAscii && Rune.IsLetter(rune);
            if (pending && latin)
            {
                return true;
            }
            (pending, afterLatin) = (false, latin);
        }
        return false;
    }

    private static bool IsInvisible(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned => true,
        UnicodeCategory.Control => rune.Value is not ('\n' or '\r' or '\t'),
        _ => false,
    };
}
