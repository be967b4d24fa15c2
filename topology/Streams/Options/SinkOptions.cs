namespace StreamPlatform.Streams;

/// <summary>Batching of a sink step. Transient errors of a sink are retried without end (the partition pauses at its bound meanwhile).</summary>
public sealed class SinkOptions
{
    /// <summary>Records of one write at most. Range 1..100000.</summary>
    public int MaxRecords { get; set; } = 500;

    /// <summary>How long the first record of a batch waits for more, ms. Range 0..60000.</summary>
    public int LingerMs { get; set; } = 50;

    /// <summary>Time one write may take, ms. Range 1..3600000.</summary>
    public int TimeoutMs { get; set; } = 60_000;

    /// <summary>Attempts for transient errors; null = without end. Range 1..1000000.</summary>
    public int? MaxAttempts { get; set; }

    /// <summary>Writes under way at once; records of one partition are never in two of them. Range 1..64.</summary>
    public int MaxConcurrentWrites { get; set; } = 1;

    public void Validate(string step)
    {
        OptionRange.Check($"sink '{step}': {nameof(MaxRecords)}", MaxRecords, 1, 100_000);
        OptionRange.Check($"sink '{step}': {nameof(LingerMs)}", LingerMs, 0, 60_000);
        OptionRange.Check($"sink '{step}': {nameof(TimeoutMs)}", TimeoutMs, 1, 3_600_000);
        OptionRange.Check($"sink '{step}': {nameof(MaxConcurrentWrites)}", MaxConcurrentWrites, 1, 64);
        if (MaxAttempts is { } attempts) OptionRange.Check($"sink '{step}': {nameof(MaxAttempts)}", attempts, 1, 1_000_000);
    }
}
