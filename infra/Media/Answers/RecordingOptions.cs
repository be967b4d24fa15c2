namespace StreamPlatform.Media.Answers;

/// <summary>Bounds of the keeping of answers' sound.</summary>
public sealed class RecordingOptions
{
    /// <summary>Sound of one object, MiB; what follows goes into another one. Default 32 (17 minutes of PCM16), 1 .. 1024.</summary>
    public int PartMiB { get; set; } = 32;

    /// <summary>Answers gathered at once, each in a file of its own; beyond it the one that was silent for longest is closed. Default 2,000, 1 .. 100,000.</summary>
    public int MaxOpen { get; set; } = 2_000;

    /// <summary>An answer that nothing came of for so long is closed as it is, minutes. Default 10, 1 .. 1440 (what Kafka keeps).</summary>
    public int IdleMinutes { get; set; } = 10;

    /// <summary>Objects being stored at once. Default 4, 1 .. 64.</summary>
    public int MaxWrites { get; set; } = 4;

    public long PartBytes => (long)PartMiB << 20;

    public TimeSpan Idle => TimeSpan.FromMinutes(IdleMinutes);

    /// <exception cref="ArgumentException">Names the option and what it accepts.</exception>
    public void Validate()
    {
        Range(nameof(PartMiB), PartMiB, 1, 1_024);
        Range(nameof(MaxOpen), MaxOpen, 1, 100_000);
        Range(nameof(IdleMinutes), IdleMinutes, 1, 1_440);
        Range(nameof(MaxWrites), MaxWrites, 1, 64);
    }

    private static void Range(string name, int value, int min, int max)
    {
        if (value < min || value > max)
        {
            throw new ArgumentException($"Media:Recording:{name} is {value}, accepted are {min} to {max}");
        }
    }
}
