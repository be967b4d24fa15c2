using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Media.Vault;

/// <summary>How long media stay, and how the clean-up goes about it.</summary>
public sealed class MediaRetention
{
    /// <summary>Recordings: uploaded video and answer audio, days. Default 1461 (4 years), 1 .. 36500.</summary>
    public int RecordingDays { get; set; } = 1461;

    /// <summary>Archived rows of evaluations, days. Default 2557 (7 years), 1 .. 36500.</summary>
    public int ArchiveDays { get; set; } = 2557;

    /// <summary>
    /// An object without a row is deleted when it is older, and a row without an object is reported; a write is given up long before (<see cref="MediaVault"/>), minutes.
    /// Default 1440, 10 .. 10080.
    /// </summary>
    public int GraceMinutes { get; set; } = 1440;

    /// <summary>Objects deleted in one run at most; the next goes on. Default 10,000, 1 .. 1,000,000.</summary>
    public int MaxDeletions { get; set; } = 10_000;

    public TimeSpan Grace => TimeSpan.FromMinutes(GraceMinutes);

    /// <summary>How long an object of this kind stays.</summary>
    public TimeSpan Of(string kind) => TimeSpan.FromDays(kind == MediaKinds.Archive ? ArchiveDays : RecordingDays);

    /// <exception cref="ArgumentException">Names the option and what it accepts.</exception>
    public void Validate()
    {
        Range(nameof(RecordingDays), RecordingDays, 1, 36_500);
        Range(nameof(ArchiveDays), ArchiveDays, 1, 36_500);
        Range(nameof(GraceMinutes), GraceMinutes, 10, 10_080);
        Range(nameof(MaxDeletions), MaxDeletions, 1, 1_000_000);
    }

    private static void Range(string name, long value, long min, long max)
    {
        if (value < min || value > max)
        {
            throw new ArgumentException($"Media:Retention:{name} is {value}, accepted are {min} to {max}");
        }
    }
}
