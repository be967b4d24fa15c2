namespace StreamPlatform.Gateway.Resumes;

/// <summary>Bounds of the resume API.</summary>
public sealed class ResumeApiOptions
{
    /// <summary>Resumes that one client may send within an hour. 1 .. 1,000,000.</summary>
    public int PerHour { get; set; } = 100;

    /// <summary>Resumes that one client may send within a day. 1 .. 10,000,000.</summary>
    public int PerDay { get; set; } = 1_000;

    /// <summary>Clients whose resumes are counted in memory, where there is no store; over it the one seen longest ago is forgotten. 100 .. 1,000,000.</summary>
    public int MaxClients { get; set; } = 10_000;

    /// <summary>Resumes of one bulk request. 1 .. 10,000.</summary>
    public int MaxItems { get; set; } = 5_000;

    /// <summary>Body of a bulk request, bytes. 64 KiB .. 1 GiB.</summary>
    public long MaxBulkBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>Bulk requests read at once; further ones are told to come again. 1 .. 100.</summary>
    public int BulkAtOnce { get; set; } = 2;

    /// <summary>One file, bytes. 1 KiB .. 64 MiB.</summary>
    public int MaxFileBytes { get; set; } = 5 * 1024 * 1024;

    /// <summary>One resume as text, bytes of UTF-8. 1 KiB .. 256 KiB.</summary>
    public int MaxTextBytes { get; set; } = 256 * 1024;

    /// <summary>Resumes as text up to this size travel in the event, larger ones in the media store, bytes of UTF-8. 0 .. 256 KiB.</summary>
    public int InlineBytes { get; set; } = 16 * 1024;

    /// <summary>A job's description, bytes of UTF-8. 1 KiB .. 32 KiB.</summary>
    public int MaxJobBytes { get; set; } = 32 * 1024;

    /// <summary>Tasks remembered until the store shows them. 1 .. 100,000.</summary>
    public int RememberedTasks { get; set; } = 1_000;

    /// <summary>How often expired files are looked for, minutes. 1 .. 1440.</summary>
    public int SweepMinutes { get; set; } = 60;

    /// <summary>Every setting out of range.</summary>
    internal IEnumerable<string> Errors()
    {
        (string Key, long Value, long Min, long Max)[] ranges =
        [
            (nameof(PerHour), PerHour, 1, 1_000_000), (nameof(PerDay), PerDay, 1, 10_000_000), (nameof(MaxClients), MaxClients, 100, 1_000_000), (nameof(MaxItems), MaxItems, 1, 10_000),
            (nameof(MaxBulkBytes), MaxBulkBytes, 64 * 1024, 1L << 30), (nameof(BulkAtOnce), BulkAtOnce, 1, 100), (nameof(MaxFileBytes), MaxFileBytes, 1024, 64 * 1024 * 1024),
            (nameof(MaxTextBytes), MaxTextBytes, 1024, 256 * 1024), (nameof(InlineBytes), InlineBytes, 0, 256 * 1024), (nameof(MaxJobBytes), MaxJobBytes, 1024, 32 * 1024),
            (nameof(RememberedTasks), RememberedTasks, 1, 100_000), (nameof(SweepMinutes), SweepMinutes, 1, 1440),
        ];
        return ranges.Where(r => r.Value < r.Min || r.Value > r.Max).Select(r => $"Gateway:Resumes:{r.Key} is {r.Value}, accepted are {r.Min} to {r.Max}");
    }
}
