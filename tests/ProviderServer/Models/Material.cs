using System.Text.Json;
using System.Text.RegularExpressions;

namespace StreamPlatform.TestProvider;

/// <summary>Finds in a prompt the text that is judged: the transcript, answer or résumé, however it is fenced.</summary>
internal static partial class Material
{
    private static readonly string[] Names = ["transcript", "candidate_answer", "answer", "response", "resume", "cv", "document", "text", "content"];

    /// <summary>The text between tags or below a label of a known name, or the value of such a JSON property; else the longest paragraph.</summary>
    public static string Untrusted(string material)
    {
        foreach (var name in Names)
        {
            if (Between(material, name) is { Length: > 0 } fenced)
            {
                return Property(fenced) ?? fenced;
            }
        }

        return Property(material)
            ?? (Label().Match(material) is { Success: true } label && material[(label.Index + label.Length)..].Trim() is { Length: > 0 } rest ? rest : null)
            ?? material.Split("\n\n", StringSplitOptions.TrimEntries).MaxBy(p => p.Length) ?? "";
    }

    /// <summary>Up to <paramref name="count"/> passages of 5 to 14 words that occur in the text exactly so.</summary>
    public static List<string> Quotes(string text, int count)
    {
        List<string> quotes = [];
        foreach (Match match in Sentence().Matches(text))
        {
            var words = Word().Matches(match.Value);
            if (words.Count >= 3 && quotes.Count < count)
            {
                var last = words[Math.Min(words.Count, 14) - 1];
                quotes.Add(match.Value[words[0].Index..(last.Index + last.Length)]);
            }
        }

        return quotes;
    }

    public static string FirstSentence(string text, int max)
    {
        var sentence = Sentence().Match(text.Trim()).Value.Trim();
        return sentence.Length <= max ? sentence : sentence[..max];
    }

    public static int WordCount(string text) => Word().Count(text);

    // Markers may carry a nonce: <transcript-8f3a> ... </transcript-8f3a>, [TRANSCRIPT 8f3a] ... [/TRANSCRIPT 8f3a], BEGIN TRANSCRIPT ... END TRANSCRIPT.
    private static string? Between(string text, string name)
    {
        var match = Regex.Match(text,
            $@"(?:[<\[](?:UNTRUSTED[-_ ])?{name}[^>\]\n]*[>\]]|-*\s*BEGIN[-_ ](?:UNTRUSTED[-_ ])?{name}[^\n]*\n)(?<in>.*)(?:[<\[]/(?:UNTRUSTED[-_ ])?{name}|-*\s*END[-_ ](?:UNTRUSTED[-_ ])?{name})",
            RegexOptions.IgnoreCase | RegexOptions.Singleline, TimeSpan.FromSeconds(1));
        return match.Success ? match.Groups["in"].Value.Trim() : null;
    }

    private static string? Property(string text)
    {
        var start = text.IndexOf('{');
        var end = text.LastIndexOf('}');
        if (start < 0 || end < start)
        {
            return null;
        }

        try
        {
            using var json = JsonDocument.Parse(text[start..(end + 1)]);
            foreach (var name in Names)
            {
                foreach (var property in json.RootElement.EnumerateObject())
                {
                    if (property.Value.ValueKind == JsonValueKind.String && property.Name.Contains(name, StringComparison.OrdinalIgnoreCase))
                    {
                        return property.Value.GetString();
                    }
                }
            }
        }
        catch (JsonException)
        {
        }

        return null;
    }

    [GeneratedRegex(@"^[ \t#*]*(?:the )?(?:candidate'?s? )?(?:transcript|answer|response|resume|cv)\b[^\n:]{0,40}:[ \t*]*", RegexOptions.IgnoreCase | RegexOptions.Multiline)]
    private static partial Regex Label();

    [GeneratedRegex(@"[^.!?\n]+[.!?]?")]
    private static partial Regex Sentence();

    [GeneratedRegex(@"[^\s]+")]
    private static partial Regex Word();
}
