namespace StreamPlatform.Streams;

internal static class WindowRange
{
    private static readonly long LastMs = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>The time a window goes by: before the epoch the epoch, after the year 9999 its end, because sums near 2^63 would overflow.</summary>
    public static long TimeOf(long timestampMs) => Math.Clamp(timestampMs, 0, LastMs);

    public static TimeSpan Positive(TimeSpan value, string what) =>
        value >= TimeSpan.FromMilliseconds(1) ? value : throw new StreamsConfigurationException($"{what} must be at least 1 ms, not {value}");

    public static TimeSpan NotNegative(TimeSpan value, string what) =>
        value >= TimeSpan.Zero ? value : throw new StreamsConfigurationException($"{what} must not be negative: {value}");

    public static string Describe(IWindowTiming timing) => $"grace {timing.GracePeriod}"
        + (timing.Clock == WindowClock.Partition ? ", partition time" : "") + (timing.IdleCloseAfter is { } idle ? $", closed after {idle} of silence" : "");
}
