namespace StreamPlatform.LanguageModels.Resumes;

/// <summary>Settings of the engine that asks a provider about resumes.</summary>
public sealed class ResumeModelOptions
{
    /// <summary>Calls that may start within any second, over all instances of this process. Default 30, 1 .. 10,000.</summary>
    public int RequestsPerSecond { get; set; } = 30;

    /// <summary>What a second is longer by, ms: calls that start a second apart may arrive closer together. Default 50, 0 .. 1000.</summary>
    public int MarginMs { get; set; } = 50;

    /// <summary>Characters of a resume that the provider is shown; the rest is cut off and the result marked. Default 24,000, 1,000 .. 65,536.</summary>
    public int MaxPromptChars { get; set; } = 24_000;

    /// <summary>Tokens of an answer. Default 4,096, 256 .. 16,384.</summary>
    public int MaxOutputTokens { get; set; } = 4_096;

    /// <summary>Time for one attempt, ms. Default 60 s, 1 s .. 10 min.</summary>
    public int TimeoutMs { get; set; } = 60_000;

    /// <exception cref="ArgumentException">Names the option and what it accepts.</exception>
    public void Validate()
    {
        Range(nameof(RequestsPerSecond), RequestsPerSecond, 1, 10_000);
        Range(nameof(MarginMs), MarginMs, 0, 1000);
        Range(nameof(MaxPromptChars), MaxPromptChars, 1_000, 65_536);
        Range(nameof(MaxOutputTokens), MaxOutputTokens, 256, 16_384);
        Range(nameof(TimeoutMs), TimeoutMs, 1_000, 600_000);
    }

    private static void Range(string name, long value, long min, long max)
    {
        if (value < min || value > max)
        {
            throw new ArgumentException($"Resumes:{name} is {value}, accepted are {min} to {max}");
        }
    }
}
