using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.LanguageModels.Questions;

/// <summary>Which briefs are equal, so that they share one question. The model is shown no more of them than the key holds.</summary>
internal static class QuestionKey
{
    private static readonly HashSet<string> Levels = ["intern", "trainee", "junior", "jr", "mid", "middle", "senior", "sr", "lead", "staff", "principal"];

    /// <summary>
    /// Position without case, punctuation and words of seniority; seniority, where it matters; place; variant; prompt version; and, when the question draws on a resume, the tenant with a hash of
    /// the resume: two resumes share a question only when they say the same, since it may name what one of them says.
    /// </summary>
    /// <remarks>Hashed, so that neither a tenant nor a position is to be read off the keys of a shared cache.</remarks>
    public static string Of(QuestionBrief brief)
    {
        var resume = brief.ResumeSummary.Length == 0 ? "" : $"{brief.Tenant}|{Hash(string.Join(' ', Words(brief.ResumeSummary)))}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"{QuestionPrompts.Version}|{Position(brief)}|{Seniority(brief)}|{brief.Slot}|{brief.Variant}|{resume}"))));
    }

    /// <summary>The position's words in lower case, without those of seniority.</summary>
    public static string Position(QuestionBrief brief) => string.Join(' ', Words(brief.Position).Where(w => !Levels.Contains(w)));

    /// <summary>As told, else as the position says; empty where the question is for all levels.</summary>
    public static string Seniority(QuestionBrief brief) =>
        !QuestionPrompts.BySeniority(brief.Slot) ? ""
        : string.IsNullOrWhiteSpace(brief.Seniority) ? Words(brief.Position).FirstOrDefault(Levels.Contains) ?? ""
        : string.Join(' ', Words(brief.Seniority));

    private static string[] Words(string text) =>
        new string([.. text.ToLowerInvariant().Select(c => char.IsLetterOrDigit(c) || c is '+' or '#' ? c : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
