using System.Globalization;
using System.Text;

namespace StreamPlatform.Registry.Proto;

internal enum TokenKind { Identifier, Number, Text, Symbol, End }

/// <param name="Kind">What it is.</param>
/// <param name="Value">Identifier, number as written, decoded string, or one symbol.</param>
/// <param name="Line">From 1.</param>
internal readonly record struct Token(TokenKind Kind, string Value, int Line);

/// <summary>Cuts .proto source into tokens; comments and white space fall away.</summary>
internal static class ProtoTokenizer
{
    public static List<Token> Tokenize(string source)
    {
        var tokens = new List<Token>();
        int line = 1;
        for (int i = 0; i < source.Length;)
        {
            char c = source[i];
            if (c == '\n')
            {
                line++;
                i++;
            }
            else if (char.IsWhiteSpace(c))
            {
                i++;
            }
            else if (c == '/' && i + 1 < source.Length && source[i + 1] is '/' or '*')
            {
                i = SkipComment(source, i, ref line);
            }
            else if (char.IsAsciiLetter(c) || c == '_')
            {
                int start = i;
                while (i < source.Length && (char.IsAsciiLetterOrDigit(source[i]) || source[i] == '_'))
                {
                    i++;
                }

                tokens.Add(new(TokenKind.Identifier, source[start..i], line));
            }
            else if (char.IsAsciiDigit(c) || (c == '.' && i + 1 < source.Length && char.IsAsciiDigit(source[i + 1])))
            {
                int start = i;
                while (i < source.Length && (char.IsAsciiLetterOrDigit(source[i]) || source[i] == '.'
                    || (source[i] is '+' or '-' && source[i - 1] is 'e' or 'E' && !source[start..i].StartsWith("0x", StringComparison.OrdinalIgnoreCase))))
                {
                    i++;
                }

                tokens.Add(new(TokenKind.Number, source[start..i], line));
            }
            else if (c is '"' or '\'')
            {
                tokens.Add(new(TokenKind.Text, ReadText(source, ref i, line), line));
            }
            else
            {
                tokens.Add(new(TokenKind.Symbol, c.ToString(), line));
                i++;
            }
        }

        tokens.Add(new(TokenKind.End, "end of file", line));
        return tokens;
    }

    private static int SkipComment(string source, int i, ref int line)
    {
        if (source[i + 1] == '/')
        {
            int end = source.IndexOf('\n', i);
            return end < 0 ? source.Length : end;
        }

        int close = source.IndexOf("*/", i + 2, StringComparison.Ordinal);
        if (close < 0)
        {
            throw new InvalidSchemaException($"line {line}: comment is not closed");
        }

        line += source.AsSpan(i, close - i).Count('\n');
        return close + 2;
    }

    private static string ReadText(string source, ref int i, int line)
    {
        char quote = source[i++];
        var bytes = new List<byte>(); // escapes give bytes, so that \xNN sequences may form UTF-8
        while (i < source.Length && source[i] != quote && source[i] != '\n')
        {
            if (source[i] == '\\' && i + 1 < source.Length)
            {
                i++;
                ReadEscape(source, ref i, bytes, line);
            }
            else
            {
                int length = char.IsSurrogatePair(source, i) ? 2 : 1;
                bytes.AddRange(Encoding.UTF8.GetBytes(source.Substring(i, length)));
                i += length;
            }
        }

        if (i >= source.Length || source[i] != quote)
        {
            throw new InvalidSchemaException($"line {line}: string is not closed");
        }

        i++;
        return Encoding.UTF8.GetString([.. bytes]);
    }

    private static void ReadEscape(string source, ref int i, List<byte> bytes, int line)
    {
        char c = source[i++];
        if (c is 'x' or 'X')
        {
            int start = i;
            while (i < source.Length && i < start + 2 && char.IsAsciiHexDigit(source[i]))
            {
                i++;
            }

            bytes.Add(start < i
                ? byte.Parse(source.AsSpan(start, i - start), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                : throw new InvalidSchemaException($"line {line}: \\x without hex digits"));
        }
        else if (c is >= '0' and <= '7')
        {
            int value = c - '0';
            for (int n = 0; n < 2 && i < source.Length && source[i] is >= '0' and <= '7'; n++)
            {
                value = (value * 8) + source[i++] - '0';
            }

            bytes.Add((byte)value);
        }
        else
        {
            bytes.Add((byte)(c switch { 'n' => '\n', 'r' => '\r', 't' => '\t', 'a' => '\a', 'b' => '\b', 'f' => '\f', 'v' => '\v', _ => c }));
        }
    }
}
