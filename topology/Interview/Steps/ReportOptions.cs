namespace StreamPlatform.Topology.Steps;

/// <summary>When a report is written, how long it can be revised, and from where on something is worth a note.</summary>
public sealed class ReportOptions
{
    /// <summary>Silence of a completed session after which a report is written with parts missing. Default 2 minutes (twenty answers may wait for one speech decoder), 1 s .. 1 h.</summary>
    public TimeSpan PartialAfter { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How long after its latest event a session can be revised; then its totals are dropped. Default 7 days, 1 minute .. 90 days.</summary>
    public TimeSpan KeepFor { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Shortest absence of a face that is noted. Default 5 s, 1 s .. 10 minutes.</summary>
    public TimeSpan FaceLost { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Shortest presence of several faces that is noted: two frames at two per second. Default 0.5 s, 0 .. 10 minutes.</summary>
    public TimeSpan SeveralFaces { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Shortest time between two analysed frames that is noted: also at a tenth of the frames (two per second) it is not reached by sampling. Default 10 s, 1 s .. 10 minutes.</summary>
    public TimeSpan CaptureGap { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Confidence of a transcript below which it is noted. Default 0.7, 0 .. 1.</summary>
    public float LowConfidence { get; init; } = 0.7f;

    /// <exception cref="ArgumentException">Names the option and what it accepts.</exception>
    public void Validate()
    {
        Range(nameof(PartialAfter), PartialAfter, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1));
        Range(nameof(KeepFor), KeepFor, TimeSpan.FromMinutes(1), TimeSpan.FromDays(90));
        Range(nameof(FaceLost), FaceLost, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        Range(nameof(SeveralFaces), SeveralFaces, TimeSpan.Zero, TimeSpan.FromMinutes(10));
        Range(nameof(CaptureGap), CaptureGap, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10));
        if (LowConfidence is not (>= 0 and <= 1))
        {
            throw new ArgumentException($"{nameof(LowConfidence)} is {LowConfidence}; it takes 0 to 1");
        }
    }

    private static void Range(string name, TimeSpan value, TimeSpan min, TimeSpan max)
    {
        if (value < min || value > max)
        {
            throw new ArgumentException($"{name} is {value}; it takes {min} to {max}");
        }
    }
}
