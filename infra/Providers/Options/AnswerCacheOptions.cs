namespace StreamPlatform.Providers;

/// <summary>Cache of chat answers that were asked for with a cache key.</summary>
public sealed class AnswerCacheOptions
{
    /// <summary>Answers kept; the longest unused goes first. Default 10,000, 0..1,000,000; 0 = no cache.</summary>
    public int MaxEntries { get; set; } = 10_000;

    /// <summary>Characters of all answers kept. Default 32 Mi, 0..1 Gi.</summary>
    public long MaxCharacters { get; set; } = 32L << 20;

    /// <summary>How long an answer may be used. Default 7 days, 1 s .. 30 days.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromDays(7);

    /// <exception cref="ArgumentException">Names the property and what it accepts.</exception>
    public void Validate()
    {
        ProviderOptions.Require(MaxEntries is >= 0 and <= 1_000_000, $"Cache.MaxEntries is {MaxEntries}; it takes 0 to 1000000");
        ProviderOptions.Require(MaxCharacters is >= 0 and <= 1L << 30, $"Cache.MaxCharacters is {MaxCharacters}; it takes 0 to {1L << 30}");
        ProviderOptions.Require(Lifetime >= TimeSpan.FromSeconds(1) && Lifetime <= TimeSpan.FromDays(30), $"Cache.Lifetime is {Lifetime}; it takes 1 s to 30 days");
    }
}
