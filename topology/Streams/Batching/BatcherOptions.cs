namespace StreamPlatform.Streams;

/// <summary>Bounds of one <see cref="DynamicBatcher{TRequest,TResult}"/>.</summary>
public sealed class BatcherOptions
{
    /// <summary>Requests per batch at most. Range 1..10000.</summary>
    public int MaxBatchSize { get; set; } = 32;

    /// <summary>How long a request waits for company, ms; never longer than its priority's maximum wait. 0 = not at all. Range 0..3600000.</summary>
    public int LingerMs { get; set; } = 5;

    /// <summary>As <see cref="LingerMs"/> for critical requests; whatever waits leaves with them. Range 0..<see cref="CriticalMaxWaitMs"/>.</summary>
    public int CriticalLingerMs { get; set; }

    /// <summary>Requests waiting at most, in all; one more refuses the newest of the lowest priority. Range <see cref="MaxBatchSize"/>..1000000.</summary>
    public int MaxQueued { get; set; } = 10_000;

    /// <summary>Batches running at once. Range 1..1000.</summary>
    public int MaxConcurrentBatches { get; set; } = 1;

    /// <summary>How many of <see cref="MaxConcurrentBatches"/> only batches of critical requests may take. Range 0..<see cref="MaxConcurrentBatches"/> - 1.</summary>
    public int ReservedForCritical { get; set; }

    /// <summary>Longest wait of <see cref="BatchPriority.Critical"/>, ms. Range 1..3600000.</summary>
    public int CriticalMaxWaitMs { get; set; } = 100;

    /// <summary>Longest wait of <see cref="BatchPriority.High"/>, ms. Range <see cref="CriticalMaxWaitMs"/>..3600000.</summary>
    public int HighMaxWaitMs { get; set; } = 500;

    /// <summary>Longest wait of <see cref="BatchPriority.Medium"/>, ms. Range <see cref="HighMaxWaitMs"/>..3600000.</summary>
    public int MediumMaxWaitMs { get; set; } = 5_000;

    /// <summary>Longest wait of <see cref="BatchPriority.Low"/>, ms. Range <see cref="MediumMaxWaitMs"/>..3600000.</summary>
    public int LowMaxWaitMs { get; set; } = 30_000;

    /// <exception cref="StreamsConfigurationException">Names the key and the accepted range.</exception>
    public void Validate()
    {
        OptionRange.Check(nameof(MaxBatchSize), MaxBatchSize, 1, 10_000);
        OptionRange.Check(nameof(LingerMs), LingerMs, 0, 3_600_000);
        OptionRange.Check(nameof(MaxQueued), MaxQueued, MaxBatchSize, 1_000_000);
        OptionRange.Check(nameof(MaxConcurrentBatches), MaxConcurrentBatches, 1, 1_000);
        OptionRange.Check(nameof(ReservedForCritical), ReservedForCritical, 0, MaxConcurrentBatches - 1);
        OptionRange.Check(nameof(CriticalMaxWaitMs), CriticalMaxWaitMs, 1, 3_600_000);
        OptionRange.Check(nameof(CriticalLingerMs), CriticalLingerMs, 0, CriticalMaxWaitMs);
        OptionRange.Check(nameof(HighMaxWaitMs), HighMaxWaitMs, CriticalMaxWaitMs, 3_600_000);
        OptionRange.Check(nameof(MediumMaxWaitMs), MediumMaxWaitMs, HighMaxWaitMs, 3_600_000);
        OptionRange.Check(nameof(LowMaxWaitMs), LowMaxWaitMs, MediumMaxWaitMs, 3_600_000);
    }

    internal TimeSpan MaxWait(BatchPriority priority) => TimeSpan.FromMilliseconds(priority switch
    {
        BatchPriority.Critical => CriticalMaxWaitMs,
        BatchPriority.High => HighMaxWaitMs,
        BatchPriority.Medium => MediumMaxWaitMs,
        _ => LowMaxWaitMs,
    });

    internal TimeSpan Linger(BatchPriority priority)
    {
        var linger = TimeSpan.FromMilliseconds(priority == BatchPriority.Critical ? CriticalLingerMs : LingerMs);
        return linger < MaxWait(priority) ? linger : MaxWait(priority);
    }
}
