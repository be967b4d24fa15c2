using System.Globalization;

namespace StreamPlatform.Reports.Pdf;

/// <summary>Values as a person reads them.</summary>
internal static class ReportText
{
    public static string Score(float? value) => value is { } known ? known.ToString("0", CultureInfo.InvariantCulture) : "not known";

    public static string Percent(float part) => (100 * part).ToString("0", CultureInfo.InvariantCulture) + " %";

    /// <summary>Milliseconds as m:ss.</summary>
    public static string Clock(long ms)
    {
        var seconds = (Math.Max(0, ms) + 500) / 1000; // as the pages round
        return $"{seconds / 60}:{seconds % 60:00}";
    }

    /// <summary>Unix milliseconds as date and time, UTC.</summary>
    public static string Time(long unixMs) =>
        DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(unixMs, 0, 253_402_300_799_999)).ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    public static string Usd(double amount) => amount == 0 ? "nothing was charged" : "$" + amount.ToString("0.0000", CultureInfo.InvariantCulture);

    public static string Review(ReportReview review) => review.State switch
    {
        "confirmed" => "a person has set every score",
        "clear" => "no review needed",
        _ => review.AnswersPending > 0 ? $"needs human review: {review.AnswersPending} answer(s) pending" : "needs human review",
    };
}
