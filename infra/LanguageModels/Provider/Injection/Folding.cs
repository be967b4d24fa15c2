using System.Globalization;
using System.Text;

namespace StreamPlatform.LanguageModels.Provider.Injection;

/// <summary>Brings the many ways to write a letter to one: what looks alike to a reader or a model becomes the same ASCII letter.</summary>
/// <remarks>The build runs without ICU, which would normalise (NFKC); the forms that are used to disguise text are mapped here: full width, mathematical, circled, accented, and look-alikes of Cyrillic and Greek.</remarks>
internal static class Folding
{
    private const string Accented = "àáâãäåāăąçćčďđèéêëēėęěğìíîïīįıłñńňòóôõöøōőŕřśşšßţťùúûüūůűųýÿźżž";
    private const string Plain = "aaaaaaaaacccddeeeeeeeegiiiiiiilnnnoooooooorrssssttuuuuuuuuyyzzz";
    private const string LookAlike = "аеорсухіјѕһӏвкмнтгԁԛԝαορνικτυωηεγχᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢ";
    private const string Latin = "aeopcyxijshlbkmhtrdqwaopviktuwneyxabcdefghijklmnoprstuvwyz";

    private static readonly Dictionary<int, char> Accents = Pair(Accented, Plain);
    private static readonly Dictionary<int, char> LookAlikes = Pair(LookAlike, Latin);

    /// <summary>Lower case, without accents and invisible characters, compatibility forms made plain; other scripts stay as they are.</summary>
    public static string Plainly(string text) => Map(text, rune => Compatible(rune) is var plain && Accents.TryGetValue(plain.Value, out char letter) ? new Rune(letter) : plain);

    /// <summary>The same, and letters of other scripts that look Latin made Latin, in words that mix scripts or digits with letters.</summary>
    public static string Disguised(string text) => FoldWords(Plainly(text));

    /// <summary>Letters and digits alone, lower case: for comparing a quote with what was said, whatever its spaces, case and marks.</summary>
    public static string Compact(string text)
    {
        StringBuilder compact = new(text.Length);
        foreach (Rune rune in Plainly(text).EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune))
            {
                compact.Append(rune);
            }
        }
        return compact.ToString();
    }

    private static string Map(string text, Func<Rune, Rune> fold)
    {
        StringBuilder folded = new(text.Length);
        foreach (Rune rune in Invisible.Strip(text).EnumerateRunes())
        {
            if (Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark))
            {
                folded.Append(fold(rune));
            }
        }
        return folded.ToString();
    }

    private static Rune Compatible(Rune rune)
    {
        int value = rune.Value;
        int plain = value switch
        {
            >= 0xFF01 and <= 0xFF5E => value - 0xFEE0,
            0x3000 or 0x00A0 => ' ',
            >= 0x24B6 and <= 0x24CF => 'a' + (value - 0x24B6),
            >= 0x24D0 and <= 0x24E9 => 'a' + (value - 0x24D0),
            >= 0x1F130 and <= 0x1F149 => 'a' + (value - 0x1F130),
            >= 0x1F150 and <= 0x1F169 => 'a' + (value - 0x1F150),
            >= 0x1F170 and <= 0x1F189 => 'a' + (value - 0x1F170),
            >= 0x1F1E6 and <= 0x1F1FF => 'a' + (value - 0x1F1E6),
            >= 0x1D400 and <= 0x1D6A3 => 'a' + ((value - 0x1D400) % 26), // thirteen alphabets of capitals and small letters
            >= 0x1D7CE and <= 0x1D7FF => '0' + ((value - 0x1D7CE) % 10),
            >= 0x2460 and <= 0x2468 => '1' + (value - 0x2460),
            >= 0x2080 and <= 0x2089 => '0' + (value - 0x2080),
            >= 0x0660 and <= 0x0669 => '0' + (value - 0x0660),
            >= 0x0966 and <= 0x096F => '0' + (value - 0x0966),
            0x2018 or 0x2019 => '\'',
            0x201C or 0x201D => '"',
            _ => value,
        };
        return Rune.ToLowerInvariant(new Rune(plain));
    }

    private static string FoldWords(string text)
    {
        StringBuilder folded = new(text.Length);
        int start = 0;
        for (int i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || char.IsWhiteSpace(text[i]))
            {
                folded.Append(FoldWord(text[start..i]));
                if (i < text.Length)
                {
                    folded.Append(text[i]);
                }
                start = i + 1;
            }
        }
        return folded.ToString();
    }

    private static string FoldWord(string word)
    {
        bool ascii = word.Any(char.IsAsciiLetter);
        bool alike = word.Any(c => LookAlikes.ContainsKey(c));
        bool whole = alike && word.All(c => LookAlikes.ContainsKey(c) || !char.IsLetter(c));
        bool leet = ascii && word.Any(c => c is '0' or '1' or '3' or '4' or '5' or '7' or '@' or '$');
        if (!leet && !(alike && (ascii || whole)))
        {
            return word;
        }
        return string.Concat(word.Select(c => LookAlikes.TryGetValue(c, out char latin) ? latin : leet ? Unleet(c) : c));
    }

    private static char Unleet(char c) => c switch
    {
        '0' => 'o', '1' => 'i', '3' => 'e', '4' or '@' => 'a', '5' or '$' => 's', '7' => 't',
        _ => c,
    };

    private static Dictionary<int, char> Pair(string from, string to)
    {
        if (from.Length != to.Length)
        {
            throw new InvalidOperationException($"{from.Length} letters for {to.Length}");
        }
        Dictionary<int, char> map = [];
        for (int i = 0; i < from.Length; i++)
        {
            map.TryAdd(from[i], char.ToLowerInvariant(to[i]));
        }
        return map;
    }
}
