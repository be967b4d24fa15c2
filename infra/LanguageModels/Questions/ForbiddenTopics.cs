using System.Text.RegularExpressions;

namespace StreamPlatform.LanguageModels.Questions;

/// <summary>
/// Finds questions that no interview may ask: about protected attributes (the grounds of EU Charter art. 21 and of the EEOC's "prohibited employment
/// policies/practices", with pay history, which several US states forbid) and for private data. A list of English words and phrases: it errs on the side of refusing,
/// a refused question costs one from the bank; it knows nothing of questions that only hint.
/// </summary>
internal static partial class ForbiddenTopics
{
    private static readonly (string Topic, Regex Pattern)[] Topics =
    [
        ("age", Age()), ("origin", Origin()), ("belief", Belief()), ("family", Family()), ("health", Health()), ("gender", Gender()), ("pay", Pay()), ("private data", PrivateData()),
    ];

    /// <summary>The topic that the text touches; null when it touches none.</summary>
    public static string? Find(string text)
    {
        var plain = text.Replace('\u2019', '\'').Replace('\u2018', '\'');
        foreach (var (topic, pattern) in Topics)
        {
            if (pattern.IsMatch(plain))
            {
                return topic;
            }
        }

        return null;
    }

    [GeneratedRegex(
        @"\bhow old (are|were|is) (you|he|she)\b|\b(your|current|exact) age\b|\bage group\b|\b(your|date of) birth(day|date)?\b|\bwhen were you born\b|\bwhat year (were|did) you (born|graduate)\b|\bretire(ment)? (age|plans?)\b|\btoo (old|young)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Age();

    [GeneratedRegex(
        @"\b(nationalit|citizenship|ethnic|immigra|native language|mother tongue|skin colou?r|accent|ancestr)\w*|\b(your|which|what) race\b|\bwhere (are|were) (you|your (parents|family)) (really |originally )?(from|born)\b|\bcountry of (origin|birth)\b|\b(birthplace|place of birth|work visa|green card)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Origin();

    [GeneratedRegex(
        @"\b(religio|church|mosque|synagogue|pray(?:er|ing)?\b|worship|atheis|christian|muslim|jewish|hindu|buddhis)\w*|\b(trade|labou?r) union|\bunion member|\bpolitical (part|view|opinion|belie|affiliat)\w*|\b(did|do|would|will) you vote\b|\b(democrat|republican)s?\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Belief();

    [GeneratedRegex(
        @"\b(married|marriage|marital|husband|wife|spouse|fianc|divorc|pregnan|childcare|child care|maternity|paternity|babysit)\w*|\byour (kids|children|child|family|parents|partner)\b|\b(have|having|want|plan\w*|expect\w*) (any |to have |to start )*(kids|children|a family|a baby)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Family();

    [GeneratedRegex(
        @"\b(disabilit|disabled person|wheelchair|mental illness|depress(?:ion|ed)\b|medication|diagnos(?:ed with|is of)|hiv\b|cancer|genetic|sick (?:days?|leave)|medical (?:condition|history))\w*|\byour (health|weight|height|doctor|illness)\b|\bhow much do you (weigh|drink|smoke)\b|\bdo you (smoke|drink|take drugs)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Health();

    [GeneratedRegex(
        @"\b(sexual|transgender|lesbian|homosexual|heterosexual|bisexual|gender identity|maiden name)\w*|\b(your|what) (gender|sex|pronouns)\b|\bare you (gay|straight|a (man|woman))\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Gender();

    [GeneratedRegex(
        @"\b(current|previous|last|past|present) (salary|pay|wage|compensation|income)\b|\bsalary history\b|\bhow much (do|did) you (earn|make)\b|\b(debts?|bankrupt\w*|criminal record|arrest(ed)?|convicted)\b(?<!technical debts?)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Pay();

    [GeneratedRegex(
        @"\byour (home |email |e-mail |phone |bank |current )*(address|phone( number)?|number|passwords?|credentials|bank account|credit card|passport|social media)\b|\bsocial security\b|\b(tell|give|send|show|type|enter|share)( me| us)?( your| the)? (password|api key|secret|token|credentials)\w*",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PrivateData();
}
