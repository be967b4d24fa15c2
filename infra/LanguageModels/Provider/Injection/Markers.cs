using System.Text.RegularExpressions;

namespace StreamPlatform.LanguageModels.Provider.Injection;

/// <summary>Signs that are no words: marks of chat formats, of the prompt's own form, and fields of the output. In time linear in the text.</summary>
internal static class Markers
{
    private static readonly (string Name, Regex Pattern)[] Patterns =
    [
        ("chat-markup", Make("""<\|?\s*/?\s*(im_start|im_end|system|endoftext|assistant|user|begin_of_text|eot_id|start_header_id)\b|\[/?inst\]|<</?sys>>""")),
        ("prompt-markup", Make("""</?\s*(answer|system|instructions?|prompt|transcript|candidate|rubric|user|assistant|scoring|evaluation|admin|developer)\b[^>\n]{0,80}>""")),
        ("role-label", Make("""^\W*(\d+\s*)?(system|assistant|developer|admin|administrator|root|operator|openai|anthropic|scorer|grader|evaluator|moderator)(\s+(message|note|override|prompt|update|notice|instruction|instructions|response|reply))?\s*[:>\]\)]+(\s|$)""")),
        ("heading", Make("""#{2,}\s*(system|instructions?|assistant|new|end|rubric|scoring|override|response|user|answer|evaluation|output)\b""")),
        ("fence", Make("""(-{3,}|={3,}|\*{3,}|`{3,}|"{3,}|'{3,})\s*(end|begin|start|stop|system|json|new|eof)\b""")),
        ("output-field", Make("""["'{,]\s*(technical|communication|canary|evidence|feedback|score)["']?\s*[:=]""")),
        ("output-value", Make("""\b(technical|communication)([ _-]?score)?\W{0,3}(is|to|as|of|at|=|:|should be|must be|shall be|equals)?\W{0,3}[1-9][0-9]{1,2}\b""")),
    ];

    private static readonly Regex Links = Make("""https?:|www\.|<[a-z/!]|javascript:|!\[|\]\(""");

    public static IEnumerable<string> In(string folded) => Patterns.Where(p => p.Pattern.IsMatch(folded)).Select(p => p.Name);

    public static bool HasLinkOrMarkup(string folded) => Links.IsMatch(folded);

    private static Regex Make(string pattern) =>
        new(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant | RegexOptions.IgnoreCase | RegexOptions.Multiline);
}
