namespace StreamPlatform.Providers;

/// <summary>What has happened in a call so far. Used by one call only.</summary>
/// <param name="startedAt">Timestamp.</param>
/// <param name="deadline">All attempts and waits together; null = unlimited.</param>
internal sealed class CallProgress(TimeProvider time, long startedAt, TimeSpan? deadline)
{
    public int Attempts { get; set; }

    public int InvalidAnswers { get; set; }

    /// <summary>Of attempts without a usable answer.</summary>
    public decimal SpentUsd { get; set; }

    /// <summary>Of the key used last.</summary>
    public string KeyHash { get; set; } = "";

    public TimeSpan Elapsed => time.GetElapsedTime(startedAt);

    public bool Expired => deadline is { } d && Elapsed >= d;

    /// <summary>The time, or what the deadline leaves of it; never below 0.</summary>
    public TimeSpan Within(TimeSpan wanted) =>
        deadline is { } d && d - Elapsed is var left && left < wanted ? left > TimeSpan.Zero ? left : TimeSpan.Zero : wanted;
}
