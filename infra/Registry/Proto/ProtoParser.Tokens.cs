using System.Globalization;

namespace StreamPlatform.Registry.Proto;

/// <summary>Taking tokens one after another.</summary>
internal sealed partial class ProtoParser
{
    private bool TryTake(string value)
    {
        if (Current.Value != value || Current.Kind is TokenKind.Text or TokenKind.End)
        {
            return false;
        }

        position++;
        return true;
    }

    private void Expect(string value)
    {
        if (!TryTake(value))
        {
            throw Unexpected($"'{value}'");
        }
    }

    private string ExpectIdentifier() => Current.Kind == TokenKind.Identifier ? tokens[position++].Value : throw Unexpected("a name");

    private string ExpectQualified()
    {
        string name = TryTake(".") ? "." : "";
        name += ExpectIdentifier();
        while (TryTake("."))
        {
            name += "." + ExpectIdentifier();
        }

        return name;
    }

    private string ExpectText()
    {
        if (Current.Kind != TokenKind.Text)
        {
            throw Unexpected("a string");
        }

        string text = tokens[position++].Value;
        while (Current.Kind == TokenKind.Text)
        {
            text += tokens[position++].Value;
        }

        return text;
    }

    private int ExpectInt()
    {
        bool negative = TryTake("-");
        string text = Current.Kind == TokenKind.Number ? Current.Value : throw Unexpected("a number");
        try
        {
            long value = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? Convert.ToInt64(text[2..], 16)
                : text.Length > 1 && text[0] == '0' ? Convert.ToInt64(text, 8)
                : long.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
            int number = checked((int)(negative ? -value : value));
            position++;
            return number;
        }
        catch (Exception e) when (e is FormatException or OverflowException or ArgumentException)
        {
            throw Error($"'{text}' is no 32-bit number");
        }
    }

    private InvalidSchemaException Unexpected(string wanted) => Error($"expected {wanted}, found '{Current.Value}'");

    private InvalidSchemaException Error(string message) => new($"line {Current.Line}: {message}");
}
