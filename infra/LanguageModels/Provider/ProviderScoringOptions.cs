namespace StreamPlatform.LanguageModels.Provider;

/// <summary>How far a model's score is trusted, and how long it may take.</summary>
public sealed class ProviderScoringOptions
{
    /// <summary>Points by which a model's technical score may exceed the offline rubric's before a person must look. Default 35, 0..100.</summary>
    public float TechnicalMargin { get; set; } = 35;

    /// <summary>Points by which a model's communication score may exceed the offline rubric's before a person must look. Default 45, 0..100.</summary>
    public float CommunicationMargin { get; set; } = 45;

    /// <summary>Score above which a quote from the answer must support it. Default 20, 0..100.</summary>
    public float EvidenceFloor { get; set; } = 20;

    /// <summary>Longest evaluation, both attempts together, milliseconds. Default 25,000 (R-06 allows 30 s per answer), 100..110,000.</summary>
    public int DeadlineMs { get; set; } = 25_000;

    /// <summary>Longest single attempt, milliseconds. Default 12,000, 100..110,000, at most <see cref="DeadlineMs"/>.</summary>
    public int AttemptTimeoutMs { get; set; } = 12_000;

    /// <summary>Tokens that the model may write. Default 1,200, 200..16,384.</summary>
    public int MaxOutputTokens { get; set; } = 1_200;

    /// <summary>Off only to measure what the other defences catch alone. Default true.</summary>
    public bool DetectInstructions { get; set; } = true;

    /// <exception cref="ArgumentException">Names the option and its range.</exception>
    public void Validate()
    {
        Require(TechnicalMargin is >= 0 and <= 100, nameof(TechnicalMargin), TechnicalMargin, "0 to 100");
        Require(CommunicationMargin is >= 0 and <= 100, nameof(CommunicationMargin), CommunicationMargin, "0 to 100");
        Require(EvidenceFloor is >= 0 and <= 100, nameof(EvidenceFloor), EvidenceFloor, "0 to 100");
        Require(DeadlineMs is >= 100 and <= 110_000, nameof(DeadlineMs), DeadlineMs, "100 to 110,000, below the time-out of the scoring step");
        Require(AttemptTimeoutMs >= 100 && AttemptTimeoutMs <= DeadlineMs, nameof(AttemptTimeoutMs), AttemptTimeoutMs, $"100 to {nameof(DeadlineMs)} ({DeadlineMs})");
        Require(MaxOutputTokens is >= 200 and <= 16_384, nameof(MaxOutputTokens), MaxOutputTokens, "200 to 16,384");
    }

    private static void Require(bool condition, string name, object value, string range)
    {
        if (!condition)
        {
            throw new ArgumentException($"scoring: {name} is {value}; it takes {range}");
        }
    }
}
