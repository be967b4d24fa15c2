namespace StreamPlatform.Streams;

/// <summary>
/// Windows of fixed size, by default over the key's own clock: the largest timestamp seen for that key. A window closes when the clock
/// reaches its end plus grace, or when the key was silent for <see cref="IdleCloseAfter"/> of wall-clock time. It starts at multiples of <see cref="Advance"/>.
/// </summary>
public sealed record TimeWindows : IWindowTiming
{
    private TimeWindows(TimeSpan size, TimeSpan advance) => (Size, Advance) = (size, advance);

    public TimeSpan Size { get; }
    /// <summary>Distance between the starts of two windows; equal to the size when tumbling.</summary>
    public TimeSpan Advance { get; }
    public TimeSpan GracePeriod { get; private init; } = TimeSpan.Zero;
    public TimeSpan? IdleCloseAfter { get; private init; }
    public TimeSpan ForgetAfter { get; private init; } = TimeSpan.FromDays(1);
    public WindowClock Clock { get; private init; } = WindowClock.Key;
    public EmitStrategy Emission { get; private init; } = EmitStrategy.OnWindowClose;

    /// <summary>Windows side by side: a record is in one.</summary>
    public static TimeWindows Tumbling(TimeSpan size) => Hopping(size, size);

    /// <summary>Windows that overlap: a record is in up to size / advance of them, each with its own state entry; at most 1,000.</summary>
    public static TimeWindows Hopping(TimeSpan size, TimeSpan advance)
    {
        WindowRange.Positive(size, "a window's size");
        WindowRange.Positive(advance, "a window's advance");
        if (advance > size || size / advance > 1_000)
            throw new StreamsConfigurationException($"a window's advance must lie between a thousandth of its size ({size}) and its size, not {advance}");
        return new TimeWindows(size, advance);
    }

    public TimeWindows Grace(TimeSpan grace) => this with { GracePeriod = WindowRange.NotNegative(grace, "grace") };
    public TimeWindows CloseAfterIdle(TimeSpan silence) => this with { IdleCloseAfter = WindowRange.Positive(silence, nameof(CloseAfterIdle)) };
    public TimeWindows Forget(TimeSpan silence) => this with { ForgetAfter = WindowRange.Positive(silence, nameof(Forget)) };
    public TimeWindows By(WindowClock clock) => this with { Clock = clock };
    public TimeWindows Emit(EmitStrategy strategy) => this with { Emission = strategy };

    private long SizeMs => (long)Size.TotalMilliseconds;
    private long AdvanceMs => (long)Advance.TotalMilliseconds;

    /// <summary>The windows that contain a time, oldest first. See <see cref="WindowRange.TimeOf"/>.</summary>
    internal IEnumerable<TimeWindow> Of(long timestampMs)
    {
        var time = WindowRange.TimeOf(timestampMs);
        for (var start = Math.Max(0, time - SizeMs + AdvanceMs) / AdvanceMs * AdvanceMs; start <= time; start += AdvanceMs) yield return At(start);
    }

    internal TimeWindow At(long startMs) => new(startMs, startMs + SizeMs);
}
