namespace StreamPlatform.Streams;

/// <summary>A window's bounds in event time, milliseconds since the epoch; the end is exclusive.</summary>
public readonly record struct TimeWindow(long StartMs, long EndMs);

/// <summary>
/// Windows of fixed size over the key's own clock: the largest timestamp seen for that key (a slow key loses nothing
/// because another one is ahead). A window closes, and emits once, when the key's clock reaches its end plus grace, or
/// when the key was silent for <see cref="IdleCloseAfter"/> of wall-clock time.
/// </summary>
public sealed record TimeWindows
{
    private TimeWindows(TimeSpan size) => Size = size;

    public TimeSpan Size { get; }
    /// <summary>How much later than its window's end, in the key's event time, a record is still counted.</summary>
    public TimeSpan GracePeriod { get; private init; } = TimeSpan.Zero;
    /// <summary>Wall-clock silence of a key after which its open windows close; null = only event time closes.</summary>
    public TimeSpan? IdleCloseAfter { get; private init; }
    /// <summary>Wall-clock silence of a key after which the note "closed until" is forgotten, so that state stays bounded.</summary>
    public TimeSpan ForgetAfter { get; private init; } = TimeSpan.FromDays(1);

    public static TimeWindows Tumbling(TimeSpan size) => size > TimeSpan.Zero
        ? new TimeWindows(size) : throw new StreamsConfigurationException($"a window's size must be positive, not {size}");

    public TimeWindows Grace(TimeSpan grace) => grace >= TimeSpan.Zero
        ? this with { GracePeriod = grace } : throw new StreamsConfigurationException($"grace must not be negative: {grace}");

    public TimeWindows CloseAfterIdle(TimeSpan silence) => silence > TimeSpan.Zero
        ? this with { IdleCloseAfter = silence } : throw new StreamsConfigurationException($"CloseAfterIdle must be positive, not {silence}");

    public TimeWindows Forget(TimeSpan silence) => silence > TimeSpan.Zero
        ? this with { ForgetAfter = silence } : throw new StreamsConfigurationException($"Forget must be positive, not {silence}");

    internal TimeWindow Of(long timestampMs)
    {
        var size = (long)Size.TotalMilliseconds;
        var start = Math.Max(0, timestampMs) / size * size;
        return new TimeWindow(start, start + size);
    }
}
