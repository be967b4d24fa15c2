namespace StreamPlatform.Streams;

/// <summary>Which dead letters; null = any. All that is set must hold.</summary>
public sealed record DeadLetterFilter
{
    /// <summary>Text within the cause, upper and lower case alike.</summary>
    public string? Cause { get; init; }
    public string? Step { get; init; }
    public string? Application { get; init; }
    public string? Key { get; init; }
    /// <summary>Dead-lettered at or after this, ms since the epoch.</summary>
    public long? SinceMs { get; init; }
    /// <summary>Dead-lettered before this, ms since the epoch.</summary>
    public long? UntilMs { get; init; }
    public int? Partition { get; init; }
    public long? Offset { get; init; }
    /// <summary>Replayed ones too; they are never replayed again.</summary>
    public bool IncludeReplayed { get; init; }

    public bool Holds(DeadLetterEntry letter) =>
        (IncludeReplayed || letter.ReplayedBy is null)
        && (Cause is null || letter.Cause.Contains(Cause, StringComparison.OrdinalIgnoreCase))
        && (Step is null || letter.Step == Step) && (Application is null || letter.Application == Application) && (Key is null || letter.KeyText == Key)
        && (SinceMs is null || letter.DeadAtMs >= SinceMs) && (UntilMs is null || letter.DeadAtMs < UntilMs)
        && (Partition is null || letter.Partition == Partition) && (Offset is null || letter.Offset == Offset);
}
