namespace StreamPlatform.Speech;

/// <summary>When speech recognition leaves its first engine for the offline one, and when it comes back.</summary>
public sealed class FailoverOptions
{
    /// <summary>Longest wait for the first engine, its retries included, milliseconds. 100..60,000.</summary>
    public int TimeoutMs { get; set; } = 3_000;

    /// <summary>Failed segments in a row after which further ones go to the offline engine at once. Time-outs and open breakers switch at the first. 1..100.</summary>
    public int FailuresToSwitch { get; set; } = 2;

    /// <summary>While offline, how often one segment tries the first engine again, milliseconds. 100..30,000.</summary>
    public int ProbeEveryMs { get; set; } = 5_000;

    /// <summary>The same while the first engine's breaker is open, which answers at once and without a call, milliseconds. 100..30,000.</summary>
    public int BreakerProbeEveryMs { get; set; } = 1_000;

    /// <summary>Throws when a value is out of its range; the message names the key.</summary>
    public void Validate()
    {
        Check(nameof(TimeoutMs), TimeoutMs, 100, 60_000);
        Check(nameof(FailuresToSwitch), FailuresToSwitch, 1, 100);
        Check(nameof(ProbeEveryMs), ProbeEveryMs, 100, 30_000);
        Check(nameof(BreakerProbeEveryMs), BreakerProbeEveryMs, 100, 30_000);
    }

    private static void Check(string key, int value, int least, int most)
    {
        if (value < least || value > most)
        {
            throw new ArgumentOutOfRangeException(key, value, $"SpeechFailover:{key} must be {least}..{most}.");
        }
    }
}
