namespace StreamPlatform.Providers;

/// <summary>Batch mode.</summary>
public sealed class ChatBatchOptions
{
    /// <summary>Calls at the same time. Default 8, 1..256.</summary>
    public int Workers { get; set; } = 8;

    /// <summary>Requests queued, and results unread. Default 1,000, 1..100,000.</summary>
    public int MaxQueued { get; set; } = 1_000;

    /// <summary>Times a request is tried, each with all retries of its class, while the provider is down or at its limits. Default 5, 1..100.</summary>
    public int MaxPasses { get; set; } = 5;

    /// <summary>Between these, unless the provider names a longer time. Default 30 s, 1 s .. 1 h.</summary>
    public TimeSpan PassPause { get; set; } = TimeSpan.FromSeconds(30);

    /// <exception cref="ArgumentException">Names the property and what it accepts.</exception>
    public void Validate()
    {
        ProviderOptions.Require(Workers is >= 1 and <= 256, $"batch Workers is {Workers}; it takes 1 to 256");
        ProviderOptions.Require(MaxQueued is >= 1 and <= 100_000, $"batch MaxQueued is {MaxQueued}; it takes 1 to 100000");
        ProviderOptions.Require(MaxPasses is >= 1 and <= 100, $"batch MaxPasses is {MaxPasses}; it takes 1 to 100");
        ProviderOptions.Require(PassPause >= TimeSpan.FromSeconds(1) && PassPause <= TimeSpan.FromHours(1), $"batch PassPause is {PassPause}; it takes 1 s to 1 h");
    }
}
