namespace StreamPlatform.Media.Waiting;

/// <summary>Bounds of the files that wait for their processing.</summary>
public sealed class WaitingFilesOptions
{
    /// <summary>Largest file, bytes. Default 5 MiB, 1 KiB .. 64 MiB.</summary>
    public int MaxBytes { get; set; } = 5 * 1024 * 1024;

    /// <summary>All files together, MiB; over it no more are taken. Default 4096, 1 .. 1048576.</summary>
    public int MaxTotalMiB { get; set; } = 4096;

    /// <summary>Life of a file that nothing deletes, hours. Default 72, 1 .. 8760.</summary>
    public int MaxAgeHours { get; set; } = 72;

    /// <exception cref="ArgumentException">Names the option and what it accepts.</exception>
    public void Validate()
    {
        Range(nameof(MaxBytes), MaxBytes, 1024, 64 * 1024 * 1024);
        Range(nameof(MaxTotalMiB), MaxTotalMiB, 1, 1024 * 1024);
        Range(nameof(MaxAgeHours), MaxAgeHours, 1, 8760);
    }

    private static void Range(string name, long value, long min, long max)
    {
        if (value < min || value > max)
        {
            throw new ArgumentException($"Media:Waiting:{name} is {value}, accepted are {min} to {max}");
        }
    }
}
