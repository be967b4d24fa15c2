namespace StreamPlatform.Postgres.Stores;

/// <summary>How long rows stay .</summary>
public sealed class RowRetention
{
    /// <summary>Transcripts, answers, session events and what was seen of emotions, days. Default 1461 (4 years), 1 .. 36500.</summary>
    public int TranscriptDays { get; set; } = 1461;

    /// <summary>Evaluations (scores, reviews, reports, optimised resumes), the sessions they belong to, and the audit log, days. Default 2557 (7 years), 1 .. 36500.</summary>
    public int EvaluationDays { get; set; } = 2557;

    /// <summary>What AI calls have cost, from the last addition to an account on, months. Default 13 (a month may be held against the same one a year ago), 1 .. 1200.</summary>
    public int SpendingMonths { get; set; } = 13;

    /// <summary>What a client has sent within a minute, for its quota of a day, hours. Default 25 (after a day and a minute nothing counts any more), 25 .. 8760.</summary>
    public int QuotaHours { get; set; } = 25;

    /// <summary>Rows deleted in one statement, each a transaction of its own. Default 2,000, 100 .. 100,000.</summary>
    public int BatchRows { get; set; } = 2_000;

    /// <summary>Rows deleted in one run at most; the next goes on. Default 1,000,000, 1,000 .. 100,000,000.</summary>
    public int MaxRows { get; set; } = 1_000_000;

    /// <exception cref="ArgumentException">Names the option and what it accepts.</exception>
    public void Validate()
    {
        Range(nameof(TranscriptDays), TranscriptDays, 1, 36_500);
        Range(nameof(EvaluationDays), EvaluationDays, 1, 36_500);
        Range(nameof(SpendingMonths), SpendingMonths, 1, 1_200);
        Range(nameof(QuotaHours), QuotaHours, 25, 8_760);
        Range(nameof(BatchRows), BatchRows, 100, 100_000);
        Range(nameof(MaxRows), MaxRows, 1_000, 100_000_000);
    }

    private static void Range(string name, long value, long min, long max)
    {
        if (value < min || value > max)
        {
            throw new ArgumentException($"Rows:Retention:{name} is {value}, accepted are {min} to {max}");
        }
    }
}
