namespace StreamPlatform.Resumes.Media;

/// <summary>Settings of the media store in a local directory.</summary>
public sealed class MediaOptions
{
    /// <summary>Directory of the files and of their key. Required.</summary>
    public string Directory { get; set; } = "";

    /// <summary>Largest file, bytes. Default 5 MiB, 1 KiB .. 64 MiB.</summary>
    public int MaxBytes { get; set; } = 5 * 1024 * 1024;

    /// <summary>All files together, MiB; over it no more are taken. Default 4096, 1 .. 1048576.</summary>
    public int MaxTotalMiB { get; set; } = 4096;

    /// <summary>Life of a file that nothing deletes, hours. Default 72, 1 .. 8760.</summary>
    public int MaxAgeHours { get; set; } = 72;

    /// <exception cref="ArgumentException">Names the option and what it accepts.</exception>
    public void Validate()
    {
        if (Directory.Length == 0)
        {
            throw new ArgumentException("Media:Directory is empty; it takes a directory that this user can write");
        }

        Range(nameof(MaxBytes), MaxBytes, 1024, 64 * 1024 * 1024);
        Range(nameof(MaxTotalMiB), MaxTotalMiB, 1, 1024 * 1024);
        Range(nameof(MaxAgeHours), MaxAgeHours, 1, 8760);
    }

    private static void Range(string name, long value, long min, long max)
    {
        if (value < min || value > max)
        {
            throw new ArgumentException($"Media:{name} is {value}, accepted are {min} to {max}");
        }
    }
}
