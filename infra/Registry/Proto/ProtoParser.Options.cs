using Google.Protobuf;

namespace StreamPlatform.Registry.Proto;

/// <summary>Options of files, messages, fields, enums and methods.</summary>
internal sealed partial class ProtoParser
{
    private void ParseOptionStatement(IMessage options)
    {
        position++;
        ParseOption((name, value, negative) => ProtoOptions.Set(options, name, value, negative));
        Expect(";");
    }

    private void ParseBracketOptions(Action<string, Token, bool> set)
    {
        Expect("[");
        do
        {
            ParseOption(set);
        }
        while (TryTake(","));
        Expect("]");
    }

    /// <summary>name = constant; custom and message-valued options are read over.</summary>
    private void ParseOption(Action<string, Token, bool> set)
    {
        bool simple = Current.Kind == TokenKind.Identifier && tokens[position + 1].Value == "=";
        string name = Current.Value;
        while (Current.Value != "=")
        {
            if (Current.Kind == TokenKind.End || Current.Value is ";" or "{" or "}")
            {
                throw Unexpected("an option");
            }

            position++;
        }

        position++;
        if (Current.Value == "{")
        {
            SkipAggregate();
            return;
        }

        bool negative = TryTake("-");
        Token value = tokens[position++];
        if (value.Kind is TokenKind.End or TokenKind.Symbol)
        {
            position--;
            throw Unexpected("an option's value");
        }

        while (value.Kind == TokenKind.Text && Current.Kind == TokenKind.Text)
        {
            value = value with { Value = value.Value + tokens[position++].Value }; // adjacent strings are one
        }

        if (simple)
        {
            set(name, value, negative);
        }
    }

    private void SkipAggregate()
    {
        int open = 0;
        do
        {
            if (Current.Kind == TokenKind.End)
            {
                throw Unexpected("'}'");
            }

            open += Current.Kind != TokenKind.Symbol ? 0 : Current.Value switch { "{" => 1, "}" => -1, _ => 0 };
            position++;
        }
        while (open > 0);
    }
}
