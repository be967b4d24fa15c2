using System.Text;

namespace StreamPlatform.LanguageModels.Questions;

/// <summary>Which texts a model may put on a candidate's screen: deterministic checks, each with its reason.</summary>
internal static class QuestionText
{
    public const int MinChars = 20;
    public const int MaxChars = 400;
    public const int MinKeyPoints = 2;
    public const int MaxKeyPoints = 8;
    public const int MaxKeyPointChars = 200;
    public const int MaxCompetencyChars = 60;
    private const int MinKeyPointChars = 5;

    /// <summary>Texts that share this part of their words of content are the same question.</summary>
    private const double SameFrom = 0.7;

    private static readonly string[] Markup = ["<", ">", "`", "http:", "https:", "www.", "](", "{", "}", "&#", "&lt;"];

    // words that hardly an English question or point does without
    private static readonly HashSet<string> English =
    [
        "a", "an", "the", "and", "of", "to", "in", "is", "are", "do", "does", "did", "how", "what", "when", "why", "which", "who", "you", "your", "would", "for", "with", "that",
    ];

    /// <summary>Why the question may not be asked; null when it may.</summary>
    public static string? Refuse(string question)
    {
        if (question.Length is < MinChars or > MaxChars)
        {
            return "length";
        }

        return Foreign(question) ?? (question[^1] is '?' or '.' ? null : "no end of a sentence") ?? (IsEnglish(question) ? null : "not English")
            ?? (ForbiddenTopics.Find(question) is { } topic ? "topic: " + topic : null);
    }

    /// <summary>Why the key points may not be scored against; null when they may.</summary>
    public static string? RefuseKeyPoints(IReadOnlyList<string> points)
    {
        if (points.Count is < MinKeyPoints or > MaxKeyPoints)
        {
            return "number of key points";
        }

        foreach (var point in points)
        {
            if (point.Length is < MinKeyPointChars or > MaxKeyPointChars)
            {
                return "length of a key point";
            }

            if (Foreign(point) is { } foreign)
            {
                return foreign;
            }
        }

        // a point of stop words alone would be found in any answer
        var terms = points.Select(Tokenizer.Terms).ToList();
        return terms.Any(t => t.Count == 0) ? "empty key point"
            : terms.Where((t, i) => terms.Take(i).Any(before => before.SetEquals(t))).Any() ? "key points repeat"
            : null;
    }

    /// <summary>True when both ask the same: most words of content are shared.</summary>
    public static bool IsSame(string question, string other)
    {
        var (a, b) = (Tokenizer.Terms(question), Tokenizer.Terms(other));
        return a.Count == 0 || b.Count == 0
            ? string.Equals(question, other, StringComparison.OrdinalIgnoreCase)
            : a.Count(b.Contains) >= SameFrom * Math.Min(a.Count, b.Count);
    }

    /// <summary>One line without doubled spaces.</summary>
    public static string Tidy(string text)
    {
        var tidy = new StringBuilder(text.Length);
        foreach (var c in text)
        {
            var space = c is ' ' or '\n' or '\r' or '\t';
            if (!space || (tidy.Length > 0 && tidy[^1] != ' '))
            {
                tidy.Append(space ? ' ' : c);
            }
        }

        return tidy.ToString().TrimEnd();
    }

    // an allow-list keeps out control characters, text that runs backwards, invisible characters and look-alikes of other scripts at once
    private static string? Foreign(string text) =>
        text.Any(c => c is not ((>= ' ' and <= '~') or (>= '\u00C0' and <= '\u00FF') or '\u2018' or '\u2019' or '\u201C' or '\u201D' or '\u2013' or '\u2014' or '\u2026')) ? "character"
        : Markup.Any(mark => text.Contains(mark, StringComparison.OrdinalIgnoreCase)) ? "markup"
        : null;

    private static bool IsEnglish(string text)
    {
        var words = Tokenizer.Words(text, 0, text.Length).Select(w => w.Plain).ToList();
        return words.Count >= 4 && words.Count(English.Contains) >= Math.Max(2, words.Count / 8);
    }
}
