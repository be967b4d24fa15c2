using System.Text.RegularExpressions;

namespace StreamPlatform.TestProvider;

/// <summary>A value for each kind of field, by the field's name.</summary>
internal partial class SensibleValues(ChatPrompt prompt)
{
    private static readonly string[] Questions =
    [
        "How would you find out why a consumer group keeps rebalancing?", "Which trade-offs did you weigh when you chose that storage engine, and what would change your mind?",
        "Tell me about a production incident you led: what did you see first, and what did you change afterwards?", "How do you keep two services consistent when one of them can be down for an hour?",
        "What would you measure before you made this code faster?", "How would you explain back-pressure to a colleague who has never met it?",
    ];

    private readonly string text = Material.Untrusted(prompt.Material);
    private int asked;

    /// <summary>What is judged.</summary>
    public string Text => text;

    /// <summary>A number within the bounds; <paramref name="path"/> ends in the field's name.</summary>
    public virtual double Number(string path, double min, double max)
    {
        var name = Last(path);
        if (name.Contains("confidence") || name.Contains("probability"))
        {
            return Math.Clamp(max > 1 ? 90 : 0.9, min, max);
        }

        if (name.Contains("seconds") || name.Contains("duration"))
        {
            return Math.Clamp(120, min, max);
        }

        if (name.Contains("years"))
        {
            return Math.Clamp(Years().Match(text) is { Success: true } years ? int.Parse(years.Groups[1].Value) : 3, min, max);
        }

        var share = Share(name);
        return min + (max - min) * share;
    }

    /// <summary>True for what is good, false for what is a suspicion.</summary>
    public virtual bool Flag(string path) => !Suspicion().IsMatch(Last(path));

    /// <summary>A text for the field; <paramref name="index"/> is its place in an array.</summary>
    public virtual string String(string path, int index)
    {
        var name = Last(path);
        if (Canary().IsMatch(name))
        {
            return CanaryValue().Match(prompt.Instructions) is { Success: true } canary ? canary.Groups[1].Value : "";
        }

        if (name.Contains("quote") || path.Contains("evidence") || name.Contains("excerpt"))
        {
            return Quotes(index + 1) is var quotes && index < quotes.Count ? quotes[index] : quotes.Count > 0 ? quotes[0] : "";
        }

        return name switch
        {
            _ when name.Contains("question") || name.Contains("follow") || path.Contains("question") && name is "text" or "prompt" => Questions[(Seed(path) + asked++) % Questions.Length],
            _ when name.Contains("email") => Email().Match(text) is { Success: true } email ? email.Value : "",
            _ when name.Contains("language") => "en",
            _ when name is "name" or "candidate_name" or "candidatename" => Material.FirstSentence(text, 60),
            _ when name is "id" || name.EndsWith("_id") => $"{name}-{index + 1}",
            _ when name.Contains("skill") => Skills(index),
            _ when name.Contains("reason") && Suspicion().IsMatch(path) => "",
            _ when name.Contains("summary") || name.Contains("feedback") || name.Contains("rationale") || name.Contains("reason") || name.Contains("comment") =>
                $"The answer speaks to the question in {Material.WordCount(text)} words; it names steps and says why they are taken.",
            _ when name.Contains("point") || name.Contains("strength") => $"Names a concrete step and its reason ({index + 1}).",
            _ when name.Contains("weak") || name.Contains("gap") || name.Contains("concern") => $"Says little about how the result would be tested ({index + 1}).",
            _ => $"{name.Replace('_', ' ')} {index + 1}",
        };
    }

    /// <summary>How many items an array gets within its bounds.</summary>
    public virtual int Items(string path, int min, int max)
    {
        var name = Last(path);
        var wanted = Suspicion().IsMatch(name) ? 0
            : name.Contains("evidence") || name.Contains("quote") ? Math.Max(1, Quotes(2).Count)
            : Count().Match(prompt.Material) is { Success: true } count && name.Contains("question") ? int.Parse(count.Groups[1].Value) : 2;
        return Math.Clamp(wanted, min, max);
    }

    /// <summary>Position among the values of an enumeration.</summary>
    public virtual string Choice(string path, IReadOnlyList<string> values) =>
        values.FirstOrDefault(v => prompt.Material.Contains($"\"{v}\"", StringComparison.Ordinal) || prompt.Material.Contains($": {v}\n", StringComparison.OrdinalIgnoreCase))
        ?? values[Math.Min((int)(Share(Last(path)) * values.Count), values.Count - 1)];

    protected List<string> Quotes(int count) => Material.Quotes(text, count);

    protected static string Last(string path) => path[(path.LastIndexOf('.') + 1)..].ToLowerInvariant();

    // 0.25 for nothing said, towards 0.9 for some hundred words; some spread by field and text so that scores are not all alike
    private double Share(string name) =>
        Math.Clamp(0.25 + 0.6 * (1 - Math.Exp(-Material.WordCount(text) / 60.0)) + (Seed(name) % 11 - 5) / 100.0, 0, 0.95);

    private string Skills(int index) =>
        SkillWords().Matches(text).Select(m => m.Value).Distinct(StringComparer.OrdinalIgnoreCase).ElementAtOrDefault(index) ?? "communication";

    // FNV-1a: the same on every machine
    private int Seed(string salt) =>
        (int)((salt + text).Aggregate(2166136261u, (h, c) => (h ^ c) * 16777619u) & 0x7fffffff);

    [GeneratedRegex("inject|manipul|suspic|flag|review|unsafe|refus|cheat|violation|warning|red_|concern_detected")]
    protected static partial Regex Suspicion();

    [GeneratedRegex("canary|nonce|token|check")]
    protected static partial Regex Canary();

    [GeneratedRegex(@"(?:canary|nonce|token|check)\w*[^\w\n]+(?:(?:is|value|exactly|string|the|to|as|set)[^\w\n]+)*[""'`]?([A-Za-z0-9][A-Za-z0-9_-]{5,})", RegexOptions.IgnoreCase)]
    protected static partial Regex CanaryValue();

    [GeneratedRegex(@"(\d{1,2})\+?\s+years", RegexOptions.IgnoreCase)]
    private static partial Regex Years();

    [GeneratedRegex(@"[\w.+-]+@[\w-]+\.[\w.]+")]
    private static partial Regex Email();

    [GeneratedRegex(@"\b(\d{1,2})\s+(?:\w+\s+){0,3}questions", RegexOptions.IgnoreCase)]
    private static partial Regex Count();

    [GeneratedRegex(@"\b(?:kafka|postgres(?:ql)?|c#|java|python|go|rust|kubernetes|docker|aws|azure|sql|react|typescript|javascript|linux|redis|spark|terraform)\b", RegexOptions.IgnoreCase)]
    private static partial Regex SkillWords();
}
