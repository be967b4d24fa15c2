namespace StreamPlatform.Providers;

/// <summary>R-22. Pauses double from the first to the longest, with 10 % jitter either way.</summary>
/// <param name="Retries">Attempts after the first.</param>
/// <param name="First">Before the first retry.</param>
/// <param name="Longest">No pause is longer, nor is a longer Retry-After waited for.</param>
internal sealed record RetryPlan(int Retries, TimeSpan First, TimeSpan Longest)
{
    private const double Factor = 2;
    private const double Jitter = 0.1;

    public static RetryPlan Of(RetryClass retries) => retries switch
    {
        RetryClass.Live => new(2, TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(200)),
        RetryClass.Batch => new(5, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30)),
        _ => new(3, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(5)),
    };

    /// <param name="retry">1 for the first.</param>
    /// <param name="random">0..1.</param>
    public TimeSpan Pause(int retry, double random)
    {
        var pause = Math.Min(First.TotalMilliseconds * Math.Pow(Factor, retry - 1), Longest.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(Math.Min(pause * (1 - Jitter + 2 * Jitter * random), Longest.TotalMilliseconds));
    }
}
