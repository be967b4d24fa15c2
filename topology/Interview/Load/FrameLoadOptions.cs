namespace StreamPlatform.Topology.Load;

/// <summary>When the emotion processor analyses fewer frames, and when more again.</summary>
public sealed class FrameLoadOptions
{
    /// <summary>A frame that waited longer is late, ms: live results would be older than a person watching puts up with. Default 3000; 100 to 600000.</summary>
    public int LateAfterMs { get; set; } = 3_000;

    /// <summary>A frame that waited no longer is on time, ms; between the two nothing changes. Default 1000; 10 to <see cref="LateAfterMs"/>.</summary>
    public int OnTimeBelowMs { get; set; } = 1_000;

    /// <summary>Length of one look at the frames, ms; the level rises by one at most per look. Default 1000; 100 to 60000.</summary>
    public int IntervalMs { get; set; } = 1_000;

    /// <summary>Looks in a row with frames on time before the level falls by one. Default 10; 1 to 1000.</summary>
    public int CalmIntervals { get; set; } = 10;

    /// <summary>After the first frame the level stays 0 for so long, ms: what lay there while the processor was away is a backlog, not a load. Default 30000; 0 to 600000.</summary>
    public int GraceMs { get; set; } = 30_000;

    /// <exception cref="ArgumentOutOfRangeException">Names the key and its range.</exception>
    public void Validate()
    {
        Require(LateAfterMs, 100, 600_000, nameof(LateAfterMs));
        Require(OnTimeBelowMs, 10, LateAfterMs, nameof(OnTimeBelowMs));
        Require(IntervalMs, 100, 60_000, nameof(IntervalMs));
        Require(GraceMs, 0, 600_000, nameof(GraceMs));
        Require(CalmIntervals, 1, 1_000, nameof(CalmIntervals));
    }

    private static void Require(int value, int min, int max, string key)
    {
        if (value < min || value > max)
        {
            throw new ArgumentOutOfRangeException(key, value, $"{key} must be {min} to {max}");
        }
    }
}
