namespace StreamPlatform.Media.Objects;

/// <summary>Settings of a bucket. Not a record: what prints it must not print the credentials.</summary>
public sealed class S3Options
{
    /// <summary>Bucket, prefix, endpoint, region. Required.</summary>
    public MediaLocation? Location { get; set; }

    /// <summary>Access key id; empty = the machine's role, found as every AWS client finds it. Never logged.</summary>
    public string AccessKey { get; set; } = "";

    /// <summary>Secret of <see cref="AccessKey"/>. Never logged.</summary>
    public string SecretKey { get; set; } = "";

    /// <summary>Directory where content waits until its hash, and so its name, is known; needs room for the largest objects being written. Default: the system's.</summary>
    public string SpoolDirectory { get; set; } = Path.GetTempPath();

    /// <summary>Largest object, bytes. Default 16 GiB, 1 KiB .. 5 TiB.</summary>
    public long MaxBytes { get; set; } = 16L << 30;

    /// <summary>Objects above this go up in parts of this size (larger parts where there would be more than 9,000), MiB. Default 8, 5 .. 1024.</summary>
    public int PartMiB { get; set; } = 8;

    /// <summary>Repetitions of a request after an error that may pass, with growing, jittered pauses. Default 3, 0 .. 10.</summary>
    public int Retries { get; set; } = 3;

    /// <summary>One request, seconds. Default 60, 1 .. 600.</summary>
    public int TimeoutSeconds { get; set; } = 60;

    /// <summary>After half of at least 5 operations within 30 s have failed, operations fail at once for this long, seconds. Default 15, 1 .. 600.</summary>
    public int OpenSeconds { get; set; } = 15;

    /// <exception cref="ArgumentException">Names the option and what it accepts.</exception>
    public void Validate()
    {
        if (Location is not { IsS3: true })
        {
            throw new ArgumentException("Media:S3:Location is missing; it takes s3://BUCKET?endpoint=...");
        }

        if (AccessKey.Length == 0 != (SecretKey.Length == 0))
        {
            throw new ArgumentException("Media:S3 has one of access key and secret key; it takes both or none");
        }

        Range(nameof(MaxBytes), MaxBytes, 1024, 5L << 40);
        Range(nameof(PartMiB), PartMiB, 5, 1024);
        Range(nameof(Retries), Retries, 0, 10);
        Range(nameof(TimeoutSeconds), TimeoutSeconds, 1, 600);
        Range(nameof(OpenSeconds), OpenSeconds, 1, 600);
    }

    private static void Range(string name, long value, long min, long max)
    {
        if (value < min || value > max)
        {
            throw new ArgumentException($"Media:S3:{name} is {value}, accepted are {min} to {max}");
        }
    }
}
