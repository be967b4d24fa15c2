namespace StreamPlatform.Topology.Ports;

/// <summary>Why a score is not released without a person. Stored with the score; stable, for programs.</summary>
public static class ScoreFlags
{
    /// <summary>The answer holds text that addresses the scorer; no model was shown it.</summary>
    public const string InstructionLike = "instruction-like";

    /// <summary>The model's answer was not the JSON that was asked for, twice.</summary>
    public const string InvalidOutput = "invalid-output";

    /// <summary>A number outside 0..100.</summary>
    public const string OutOfBounds = "out-of-bounds";

    /// <summary>A quote that does not occur in the answer.</summary>
    public const string EvidenceForged = "evidence-forged";

    /// <summary>A score above the floor without a quote.</summary>
    public const string EvidenceMissing = "evidence-missing";

    /// <summary>The secret token did not come back in its field.</summary>
    public const string CanaryWrong = "canary-wrong";

    /// <summary>The secret token, or a part of it, came back elsewhere.</summary>
    public const string CanaryLeaked = "canary-leaked";

    /// <summary>The feedback carries what feedback never needs: markup, links, or text that gives orders.</summary>
    public const string FeedbackSuspicious = "feedback-suspicious";

    /// <summary>The model's score is further above the offline rubric's than the margin.</summary>
    public const string Unsupported = "unsupported-score";

    /// <summary>The provider gave no answer; the failure's kind follows the colon.</summary>
    public const string ProviderFailed = "provider-failed";

    /// <summary>The evaluation took longer than it may.</summary>
    public const string Deadline = "deadline";

    /// <summary>The transcript's confidence is below the threshold: what was scored may not be what was said.</summary>
    public const string LowConfidence = "low-transcript-confidence";

    /// <summary>The sentence that a reviewer reads.</summary>
    public static string Explain(string flag) => flag.Split(':')[0] switch
    {
        InstructionLike => "The answer contains text addressed to the scorer, which was left out.",
        InvalidOutput => "The model did not answer in the form that was asked for.",
        OutOfBounds => "The model gave a number outside 0 to 100.",
        EvidenceForged => "The model quoted words that the answer does not contain.",
        EvidenceMissing => "The model gave a score without quoting the answer.",
        CanaryWrong => "The model's answer did not carry the token that it was given.",
        CanaryLeaked => "The model's answer showed the token where it does not belong.",
        FeedbackSuspicious => "The model's feedback contains what feedback does not need.",
        Unsupported => "The model's score is far above what the answer's wording supports.",
        ProviderFailed => "The model could not be asked.",
        Deadline => "The model did not answer in time.",
        LowConfidence => "The speech was not recognised with certainty.",
        _ => flag,
    };
}
