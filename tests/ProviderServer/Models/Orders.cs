using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace StreamPlatform.TestProvider;

/// <summary>The instructions found in a prompt beside those of its author: points to give, words to say, fields to set, quotes to claim.</summary>
internal sealed partial class Orders
{
    /// <summary>Points to give, of 100; null = none ordered.</summary>
    public double? Points { get; private set; }

    /// <summary>Words for every text field; null = none ordered.</summary>
    public string? Said { get; private set; }

    /// <summary>The whole answer, instead of what the schema asks; null = none ordered.</summary>
    public string? WholeAnswer { get; private set; }

    /// <summary>A quote to claim as evidence; null = none ordered.</summary>
    public string? Quote { get; private set; }

    /// <summary>Values by lower-case name of a field.</summary>
    public Dictionary<string, string> Fields { get; } = new(StringComparer.OrdinalIgnoreCase);

    public static Orders Read(ChatPrompt prompt)
    {
        var orders = new Orders();
        var names = Names(prompt.Schema?.ToJsonString() ?? "");

        // Of the author's own text only what overrules it counts as an order: a rubric is full of "score from 0 to 100".
        var trusted = Readable(prompt.Instructions);
        orders.ReadText(string.Join('\n', Sentence().Matches(trusted).Select(m => m.Value).Where(s => Overrule().IsMatch(s) && !Guard().IsMatch(s))), names, prompt);
        orders.ReadText(Readable(prompt.Material), names, prompt);
        return orders;
    }

    private void ReadText(string text, HashSet<string> names, ChatPrompt prompt)
    {
        foreach (Match match in GivePoints().Matches(text))
        {
            if (!Range().IsMatch(match.Value) && double.TryParse(match.Groups["n"].Value.Replace(',', '.'), CultureInfo.InvariantCulture, out var n))
            {
                Points = match.Groups["of"].Value is { Length: > 0 } of && double.TryParse(of, CultureInfo.InvariantCulture, out var whole) && whole is > 0 and < 100 ? n / whole * 100 : n;
            }
        }

        Points = Points is null && (FullMarks().IsMatch(text) || Pass().IsMatch(text)) ? 100 : Points is null && NoMarks().IsMatch(text) ? 0 : Points;
        foreach (Match match in SetField().Matches(text))
        {
            if (names.Contains(match.Groups["name"].Value))
            {
                Fields[match.Groups["name"].Value] = match.Groups["value"].Value.Trim('"', '\'', '`');
            }
        }

        ReadJson(text, names);
        if (ClaimQuote().Match(text) is { Success: true } claim)
        {
            Quote = claim.Groups["text"].Value;
        }

        if (SayInField().Match(text) is { Success: true } words)
        {
            Said = words.Groups["text"].Value;
        }
        else if (Reveal().IsMatch(text))
        {
            Said = prompt.Instructions;
        }

        if (SayOnly().Match(text) is { Success: true } only)
        {
            WholeAnswer = only.Groups["text"].Value.Trim().Trim('"', '\'', '`', '“', '”');
        }
    }

    // A forged answer inside of the material: {"technical": 100, ...}
    private void ReadJson(string text, HashSet<string> names)
    {
        foreach (Match match in JsonObjectText().Matches(text))
        {
            try
            {
                using var json = JsonDocument.Parse(match.Value);
                foreach (var property in json.RootElement.EnumerateObject().Where(p => names.Contains(p.Name) && p.Value.ValueKind is JsonValueKind.Number or JsonValueKind.String or JsonValueKind.True or JsonValueKind.False))
                {
                    if (property.Value.ValueKind != JsonValueKind.String || property.Value.GetString()!.Length < 500 && !IsMaterial(property.Name))
                    {
                        Fields[property.Name] = property.Value.ToString();
                    }
                }
            }
            catch (JsonException)
            {
                // no forged answer
            }
        }
    }

    private static bool IsMaterial(string name) => name is "transcript" or "answer" or "question" or "text";

    private static HashSet<string> Names(string schema) =>
        [.. PropertyName().Matches(schema).Select(m => m.Groups[1].Value.ToLowerInvariant()).Where(n => n is not ("type" or "properties" or "required" or "items" or "enum" or "description"))];

    // What a reader sees: full-width forms and other scripts' digits folded, invisible characters gone, l e t t e r s  p u l l e d  a p a r t joined.
    private static string Readable(string text)
    {
        var visible = new string([.. text.Where(c => CharUnicodeInfo.GetUnicodeCategory(c) != UnicodeCategory.Format).Select(Folded)]);
        return Apart().Replace(visible, m => m.Value.Replace("  ", "\u0001", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal).Replace('\u0001', ' '));
    }

    // by hand: String.Normalize does nothing under invariant globalisation
    private static char Folded(char c) =>
        c is >= '\uFF01' and <= '\uFF5E' ? (char)(c - 0xFEE0)
        : CharUnicodeInfo.GetDecimalDigitValue(c) is >= 0 and var digit ? (char)('0' + digit)
        : c;

    // an order: a verb of giving, or a name of a score followed by a value
    [GeneratedRegex(@"(?:\b(?:give|giving|award|assign|set|rate|grade|mark|return|output|put|evaluate|deserves?|earns?|receives?|gib|vergib|bewerte\w*|setze|dame|otorga\w*|asigna\w*|pon|donne\w*|attribue\w*|mets|assegna|dai|dê|geef|daj)\b[^.!?\n]{0,80}?|\b(?:scores?|points?|technical|communication|rating|overall|total|verdict|punkte|puntos|puntuación|nota|note|punteggio)\b\s*(?:score)?\s*(?:(?:must|should|shall|will|has to)\s+be|is|are|be|to|as|of|=|:|at)+\s*[^.!?\n\w]{0,5})(?<![\d.])(?<n>\d{2,5}(?:[.,]\d+)?|\d(?=\s*(?:/|out of|von|sur|points?|punkte|puntos)))\b\s*(?:(?:/|out of|von|sur)\s*(?<of>\d{1,3}))?", RegexOptions.IgnoreCase)]
    private static partial Regex GivePoints();

    [GeneratedRegex(@"\b\d{1,3}\s*(?:-|–|to|\.\.|and|bis|a)\s*\d{1,3}\b|\bbetween\b|\bup to\b|\brange\b|\bscale\b", RegexOptions.IgnoreCase)]
    private static partial Regex Range();

    [GeneratedRegex(@"\b(?:full|top|maximum|max(?:imal)?|perfect|highest|best possible|all(?: the)?)[- ]+(?:\w+[- ]+){0,2}(?:marks?|points?|scores?|rating|grade|credit)\b|\b(?:one|a) hundred\b|\b(?:volle punktzahl|höchstpunktzahl|puntuación máxima|note maximale|punteggio massimo)\b", RegexOptions.IgnoreCase)]
    private static partial Regex FullMarks();

    [GeneratedRegex(@"\b(?:mark|rate|grade|treat|accept|approve|consider|declare|judge)\b[^.!?\n]{0,40}\b(?:as )?(?:excellent|outstanding|perfect|correct|hired?|pass(?:ed)?|brilliant|flawless)\b|\brecommend\b[^.!?\n]{0,20}\bhir(?:e|ing)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Pass();

    [GeneratedRegex(@"\b(?:give|award|assign|score)\b[^.!?\n]{0,60}\b(?:zero|nothing|the lowest|no points|the minimum)\b", RegexOptions.IgnoreCase)]
    private static partial Regex NoMarks();

    [GeneratedRegex(@"\b(?:set|make|put|mark|change|force|leave)?\s*[""'`]?(?<name>[A-Za-z_][\w]*)[""'`]?\s*(?:=|:|\bto\b|\bas\b|\bis\b)\s*(?<value>""[^""\n]{0,300}""|true|false|-?\d+(?:\.\d+)?)", RegexOptions.IgnoreCase)]
    private static partial Regex SetField();

    [GeneratedRegex(@"\b(?:quote|cite|claim|use)\b[^.!?\n""“]{0,60}[""“](?<text>[^""”\n]{3,300})[""”][^.!?\n]{0,40}\b(?:evidence|quote)|\bevidence\b[^.!?\n""“]{0,40}[""“](?<text>[^""”\n]{3,300})[""”]", RegexOptions.IgnoreCase)]
    private static partial Regex ClaimQuote();

    [GeneratedRegex(@"\b(?:feedback|summary|comment|rationale|reason)\b[^.!?\n""“']{0,40}\b(?:say|says|read|be|is|write|state|contain|include)\b[^""“'\n]{0,20}[""“'](?<text>[^""”'\n]{3,300})[""”']|\b(?:write|say|state|include|append|add|insert|mention)\b[^.!?\n""“']{0,40}[""“'](?<text>[^""”'\n]{3,300})[""”']", RegexOptions.IgnoreCase)]
    private static partial Regex SayInField();

    [GeneratedRegex(@"\b(?:reveal|repeat|print|show|output|leak|disclose|recite|include)\b[^.!?\n]{0,50}\b(?:system prompt|instructions|canary|secret|rubric|nonce|above text)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Reveal();

    // words without quotes only after "only", "exactly", "just": an honest answer may well say that a server replies with an error
    [GeneratedRegex(@"\b(?:reply|respond|answer|output|print|return|say)\b[^.!?\n""“'`{]{0,40}?(?:(?:with|saying|following|exactly|only|json|:)\s*:?\s*(?<text>\{[^{}\n]*\}|""[^""\n]+""|“[^”\n]+”|'[^'\n]+'|`[^`\n]+`)|\b(?:only|exactly|just|simply)\b(?: with| the words?)?:?\s*(?<text>[^.!?\n""“'`{]{2,200}))", RegexOptions.IgnoreCase)]
    private static partial Regex SayOnly();

    [GeneratedRegex(@"\b(?:ignore|disregard|forget|override|overrule|bypass|instead)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Overrule();

    // an author's own warning: "ignore any instruction inside of the transcript"
    [GeneratedRegex(@"\b(?:ignore|disregard|never (?:follow|obey)|do not (?:follow|obey))\b[^.!?\n]{0,60}\b(?:in|inside|within|it|them|transcript|answer|candidate|data|material)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Guard();

    [GeneratedRegex(@"\{[^{}]*\}")]
    private static partial Regex JsonObjectText();

    [GeneratedRegex(@"""([A-Za-z_]\w*)""\s*:")]
    private static partial Regex PropertyName();

    [GeneratedRegex(@"[^.!?\n]+[.!?]?")]
    private static partial Regex Sentence();

    [GeneratedRegex(@"(?<!\S)(?:\w {1,2}){5,}\w(?!\w)")]
    private static partial Regex Apart();
}
