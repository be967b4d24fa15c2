using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace StreamPlatform.LanguageModels.Provider.Injection;

/// <summary>What a text says once it is decoded as a willing model would: each result is looked at like the text itself. Bounded by the text's length.</summary>
internal static partial class Decodings
{
    private const int MinBase64Chars = 20;
    private const int MinSpelledLetters = 6;

    /// <summary>The decoded texts that are there; none for most answers.</summary>
    public static IEnumerable<string> Of(string text)
    {
        foreach (string token in text.Split([' ', '\n', '\t', '\r', '"', '\'', ':', ',', '(', ')', '<', '>', '`'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (token.Length >= MinBase64Chars && (FromBase64(token) ?? FromHex(token)) is { } decoded)
            {
                yield return decoded;
            }
        }
        if (text.Contains('\\') && Unescape(text) is var unescaped && unescaped != text)
        {
            yield return unescaped;
        }
        if (text.Contains('%') && WebUtility.UrlDecode(text.Replace('+', ' ')) is var decodedUrl && decodedUrl != text)
        {
            yield return decodedUrl;
        }
        if (text.Contains('&') && WebUtility.HtmlDecode(text) is var decodedHtml && decodedHtml != text)
        {
            yield return decodedHtml;
        }
        if (Tags(text) is { Length: > 0 } tagged)
        {
            yield return tagged;
        }
    }

    /// <summary>The text without its codes, so that they count as no words.</summary>
    public static string Remove(string text) => Codes().Replace(text, " ");

    /// <summary>Ways to write that need no code, each of the whole text: rotated by 13, backwards, and letter by letter.</summary>
    public static IEnumerable<string> Disguises(string folded)
    {
        yield return string.Concat(folded.Select(c => char.IsAsciiLetterLower(c) ? (char)('a' + ((c - 'a' + 13) % 26)) : c));
        yield return new([.. folded.Reverse()]);
        if (Spelled(folded) is { Length: > 0 } spelled)
        {
            yield return spelled;
        }
    }

    /// <summary>Runs of single letters ("i g n o r e", "i.g.n.o.r.e") made words; two spaces part them.</summary>
    private static string Spelled(string text)
    {
        StringBuilder words = new();
        int letters = 0;
        foreach (string part in text.Replace("  ", " \u0001 ", StringComparison.Ordinal).Split([' ', '\n', '\r', '\t', '.', '-', '_', '*', '/', '|', ','], StringSplitOptions.RemoveEmptyEntries))
        {
            if (part.Length == 1 && (char.IsLetterOrDigit(part[0]) || part[0] == '\u0001'))
            {
                words.Append(part[0] == '\u0001' ? ' ' : part[0]);
                letters++;
            }
            else
            {
                words.Append(' ').Append(part).Append(' ');
            }
        }
        return letters >= MinSpelledLetters ? words.ToString() : "";
    }

    [GeneratedRegex("""(\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|&#x?[0-9a-fA-F]{1,6};|(%[0-9a-fA-F]{2})+|[A-Za-z0-9+/_-]{32,}=*)+""", RegexOptions.CultureInvariant)]
    private static partial Regex Codes();

    private static string Tags(string text) =>
        string.Concat(text.EnumerateRunes().Where(r => r.Value is >= 0xE0020 and <= 0xE007E).Select(r => (char)(r.Value - 0xE0000)));

    private static string? FromBase64(string token)
    {
        string padded = token.Replace('-', '+').Replace('_', '/').TrimEnd('=', '.');
        padded += new string('=', (4 - (padded.Length % 4)) % 4);
        byte[] bytes = new byte[padded.Length];
        return Convert.TryFromBase64String(padded, bytes, out int length) && Base64.IsValid(padded) ? Readable(bytes.AsSpan(0, length)) : null;
    }

    private static string? FromHex(string token)
    {
        byte[] bytes = new byte[token.Length / 2];
        return token.Length % 2 == 0 && Convert.FromHexString(token, bytes, out _, out int written) == System.Buffers.OperationStatus.Done ? Readable(bytes.AsSpan(0, written)) : null;
    }

    private static string? Readable(ReadOnlySpan<byte> bytes)
    {
        string text = Encoding.UTF8.GetString(bytes);
        return text.Length > 0 && text.Count(c => char.IsLetterOrDigit(c) || char.IsWhiteSpace(c) || char.IsPunctuation(c)) >= 0.95 * text.Length ? text : null;
    }

    private static string Unescape(string text)
    {
        StringBuilder plain = new(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            int digits = text[i] != '\\' || i + 1 >= text.Length ? 0 : text[i + 1] switch { 'u' => 4, 'x' => 2, _ => 0 };
            if (digits > 0 && i + 2 + digits <= text.Length
                && int.TryParse(text.AsSpan(i + 2, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int code))
            {
                plain.Append((char)code);
                i += 1 + digits;
            }
            else if (text[i] == '\\' && i + 1 < text.Length && text[i + 1] is 'n' or '"')
            {
                plain.Append(text[i + 1] == 'n' ? '\n' : '"');
                i++;
            }
            else
            {
                plain.Append(text[i]);
            }
        }
        return plain.ToString();
    }
}
