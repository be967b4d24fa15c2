using System.Text;

namespace StreamPlatform.LanguageModels.Provider.Injection;

/// <param name="Found">Names of the rules that matched, each once, sorted; none for an honest answer.</param>
/// <param name="Remainder">The answer without the sentences that matched.</param>
internal sealed record Inspection(IReadOnlyList<string> Found, string Remainder);

/// <summary>
/// Finds text that addresses the scorer instead of answering: by words that stand together, marks of chat formats, fields of the output, and
/// all of these behind disguises and codes. Deterministic; it understands nothing, so it can be evaded, and it may suspect an honest answer.
/// </summary>
internal static class InstructionDetector
{
    /// <summary>Rules that one disguise is searched for: what a whole text backwards or rotated could match by chance is left out.</summary>
    private static readonly CueRule[] Strong = [.. Cues.English.Where(rule => rule.Name is "override" or "demand" or "claim" or "exfiltration")];

    public static Inspection Inspect(string answer)
    {
        string text = answer.Length > OfflineRubric.MaxAnswerChars ? answer[..OfflineRubric.MaxAnswerChars] : answer;
        SortedSet<string> found = new(StringComparer.Ordinal);
        StringBuilder remainder = new(text.Length);
        foreach ((int start, int end) in Sentences(text))
        {
            string[] rules = [.. InSentence(text[start..end])];
            found.UnionWith(rules);
            if (rules.Length == 0)
            {
                remainder.Append(text, start, end - start);
            }
        }
        if (Invisible.HidesText(text))
        {
            found.Add("hidden-text");
        }
        // what a sentence alone does not show: spread over lines, or a code that holds full stops
        found.UnionWith(Strongly(Folding.Disguised(text.Replace('\n', ' ').Replace('\r', ' ')), ""));
        found.UnionWith(Decoded(text));
        found.UnionWith(Markers.In(Folding.Plainly(text)));
        return new([.. found], found.Count == 0 ? answer : Decodings.Remove(remainder.ToString()));
    }

    /// <summary>Markup, links, or orders: feedback to a reviewer speaks of scores and criteria, so fewer rules apply.</summary>
    public static bool IsSuspiciousFeedback(string feedback)
    {
        string plain = Folding.Plainly(feedback);
        return Markers.HasLinkOrMarkup(plain) || Markers.In(plain).Any(name => name is "chat-markup" or "prompt-markup" or "role-label")
            || Invisible.HidesText(feedback);
    }

    private static IEnumerable<string> InSentence(string sentence) => Plain(sentence).Concat(Decoded(sentence))
        .Concat(Decodings.Disguises(Folding.Disguised(sentence)).SelectMany(disguised => Strongly(disguised, "disguised-")));

    private static IEnumerable<string> Decoded(string text) =>
        Decodings.Of(text).SelectMany(decoded => Sentences(decoded).SelectMany(s => Plain(decoded[s.Start..s.End])).Select(rule => $"encoded-{rule}"));

    private static IEnumerable<string> Strongly(string folded, string prefix) =>
        Sentences(folded).Select(s => CueSentence.Of(folded[s.Start..s.End])).SelectMany(words => Strong.Where(rule => rule.IsIn(words)).Select(rule => prefix + rule.Name));

    private static IEnumerable<string> Plain(string sentence)
    {
        string plain = Folding.Plainly(sentence);
        string folded = Folding.Disguised(sentence);
        CueSentence words = CueSentence.Of(plain);
        CueSentence disguised = folded == plain ? words : CueSentence.Of(folded);
        foreach (CueRule rule in Cues.English)
        {
            if (rule.IsIn(words) || (disguised != words && rule.IsIn(disguised)))
            {
                yield return rule.Name;
            }
        }
        foreach (CueRule rule in Cues.Translated.Where(rule => rule.IsIn(words)))
        {
            yield return rule.Name;
        }
        string written = plain + "\n" + sentence.ToLowerInvariant(); // folding takes away vowels that some scripts write as marks
        if (Cues.OtherScripts.Any(pair => Holds(written, pair.Verbs) && Holds(written, pair.Things)))
        {
            yield return "other-script";
        }
        foreach (string marker in Markers.In(plain))
        {
            yield return marker;
        }
    }

    private static bool Holds(string text, string[] parts) => parts.Any(part => text.Contains(part, StringComparison.Ordinal));

    /// <summary>Each with its stop; a stop inside a number or a name (4.2, isolation.level) parts nothing.</summary>
    private static IEnumerable<(int Start, int End)> Sentences(string text)
    {
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            bool stop = text[i] is '!' or '?' or ';' or '\n' or '。' or '！' or '？' or '।' || (text[i] == '.' && (i + 1 == text.Length || char.IsWhiteSpace(text[i + 1])));
            if (stop)
            {
                yield return (start, i + 1);
                start = i + 1;
            }
        }
        if (start < text.Length)
        {
            yield return (start, text.Length);
        }
    }
}
