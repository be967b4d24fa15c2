using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.LanguageModels.Questions;

/// <summary>Which briefs are equal, so that they share one question.</summary>
internal static class QuestionKey
{
    private static readonly HashSet<string> Levels = ["intern", "trainee", "junior", "jr", "mid", "middle", "senior", "sr", "lead", "staff", "principal"];

    /// <summary>
    /// Position without case, punctuation and words of seniority; seniority; place; variant; prompt version; and, when the question draws on a resume, the tenant with a hash of
    /// the resume: two resumes share a question only when they say the same, since it may name what one of them says.
    /// </summary>
    public static string Of(QuestionBrief brief)
    {
        var words = Words(brief.Position);
        var seniority = string.IsNullOrWhiteSpace(brief.Seniority) ? words.FirstOrDefault(Levels.Contains) ?? "" : brief.Seniority.ToLowerInvariant();
        var position = string.Join(' ', words.Where(w => !Levels.Contains(w)));
        var resume = brief.ResumeSummary.Length == 0 ? "" : $"{brief.Tenant}|{Hash(string.Join(' ', Words(brief.ResumeSummary)))}";
        return string.Create(CultureInfo.InvariantCulture, $"{QuestionPrompts.Version}|{position}|{seniority}|{brief.Slot}|{brief.Variant}|{resume}");
    }

    private static string[] Words(string text) =>
        new string([.. text.ToLowerInvariant().Select(c => char.IsLetterOrDigit(c) || c is '+' or '#' ? c : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 16));
}
