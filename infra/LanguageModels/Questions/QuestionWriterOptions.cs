using StreamPlatform.Topology.Caching;

namespace StreamPlatform.LanguageModels.Questions;

/// <summary>Settings of the question writer.</summary>
public sealed class QuestionWriterOptions
{
    private const long BytesKept = 4_096;

    /// <summary>How long a question serves equal requests, ms. 1,000..86,400,000.</summary>
    public int LifetimeMs { get; set; } = 3_600_000;

    /// <summary>How long a brief for which the model wrote nothing that may be asked is left alone, ms. 0..3,600,000.</summary>
    public int RejectedLifetimeMs { get; set; } = 60_000;

    /// <summary>Questions kept in this process; under 4 KiB each. 1..1,000,000.</summary>
    public int MaxKept { get; set; } = 20_000;

    /// <summary>Calls under way at once, follow-ups apart. 1..1,000.</summary>
    public int MaxCalls { get; set; } = 64;

    /// <summary>Longest time of one attempt, ms. A candidate is not kept waiting for it: see Gateway:QuestionWaitMs. 100..60,000.</summary>
    public int AttemptMs { get; set; } = 8_000;

    /// <summary>Attempts per question: the second follows an answer that may not be asked. 1..3.</summary>
    public int Attempts { get; set; } = 2;

    /// <summary>Characters of an answer shown to the model for a follow-up; the rest is left out. 200..20,000.</summary>
    public int MaxAnswerChars { get; set; } = 4_000;

    /// <summary>An answer shorter than this gets no follow-up, characters. 0..1,000.</summary>
    public int MinAnswerChars { get; set; } = 40;

    /// <summary>
    /// How questions are kept. A making takes as long as its attempts; another instance waits for it about as long, since a second making would cost a second call
    /// (the candidate's wait is bounded elsewhere: Gateway:QuestionWaitMs).
    /// </summary>
    internal CachePolicy Cache => new("questions", TimeSpan.FromMilliseconds(LifetimeMs), MaxKept, MaxKept * BytesKept)
    {
        MaxMaking = MaxCalls,
        LockLife = TimeSpan.FromMilliseconds((long)AttemptMs * Attempts) + TimeSpan.FromSeconds(1),
        Patience = TimeSpan.FromMilliseconds((long)AttemptMs * Attempts),
    };

    /// <summary>Throws when a value is out of its range; the message names the key.</summary>
    public void Validate()
    {
        Check(nameof(LifetimeMs), LifetimeMs, 1_000, 86_400_000);
        Check(nameof(RejectedLifetimeMs), RejectedLifetimeMs, 0, 3_600_000);
        Check(nameof(MaxKept), MaxKept, 1, 1_000_000);
        Check(nameof(MaxCalls), MaxCalls, 1, 1_000);
        Check(nameof(AttemptMs), AttemptMs, 100, 60_000);
        Check(nameof(Attempts), Attempts, 1, 3);
        Check(nameof(MaxAnswerChars), MaxAnswerChars, 200, 20_000);
        Check(nameof(MinAnswerChars), MinAnswerChars, 0, 1_000);
    }

    private static void Check(string key, int value, int least, int most)
    {
        if (value < least || value > most)
        {
            throw new ArgumentOutOfRangeException(key, value, $"QuestionWriter:{key} must be {least}..{most}.");
        }
    }
}
