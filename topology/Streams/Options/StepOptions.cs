namespace StreamPlatform.Streams;

/// <summary>Bounds of one asynchronous step.</summary>
public sealed class StepOptions
{
    /// <summary>Calls of this step running at once in one instance. Range 1..10000.</summary>
    public int MaxConcurrency { get; set; } = 64;

    /// <summary>Time one call may take, ms; then its token is cancelled and the attempt counts as transient. Range 1..3600000.</summary>
    public int TimeoutMs { get; set; } = 120_000;

    /// <summary>Attempts for transient errors; null = the application's <see cref="StreamsOptions.MaxAttempts"/>. Range 1..1000000.</summary>
    public int? MaxAttempts { get; set; }

    public void Validate(string step)
    {
        OptionRange.Check($"step '{step}': {nameof(MaxConcurrency)}", MaxConcurrency, 1, 10_000);
        OptionRange.Check($"step '{step}': {nameof(TimeoutMs)}", TimeoutMs, 1, 3_600_000);
        if (MaxAttempts is { } attempts) OptionRange.Check($"step '{step}': {nameof(MaxAttempts)}", attempts, 1, 1_000_000);
    }
}
