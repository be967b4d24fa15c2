namespace StreamPlatform.Streams;

/// <summary>Whose event time closes windows and makes records late.</summary>
public enum WindowClock
{
    /// <summary>The largest timestamp of the record's own key: a slow or delayed key loses nothing because another is ahead. The default.</summary>
    Key,

    /// <summary>
    /// The largest timestamp of the partition, as in Kafka Streams: a silent key's windows close when other keys go on. A record is judged by the stream time
    /// of offsets up to its own, fixed when it is read; windows close at the watermark of the finished prefix, which is durable. So grace must exceed the
    /// longest time a key may be held back <i>before</i> its topic (a retry or repartition topic): what comes later than that is late. With several inputs
    /// the slowest one counts; inputs read to their end do not hold the others back.
    /// </summary>
    Partition,
}

/// <summary>When a windowed aggregate gives results.</summary>
public enum EmitStrategy
{
    /// <summary>Once, when the window closes. The default; what Kafka Streams calls <c>suppress(untilWindowCloses)</c> or <c>EmitStrategy.onWindowClose</c>.</summary>
    OnWindowClose,
    /// <summary>At every record, for each window it changed; closing then gives nothing more.</summary>
    OnWindowUpdate,
}

/// <summary>What windows of every kind share: how they close and how long their notes live.</summary>
public interface IWindowTiming
{
    /// <summary>How much later than a window's end, on its clock, a record is still counted.</summary>
    TimeSpan GracePeriod { get; }
    /// <summary>Wall-clock silence of a key after which its open windows close; null = only event time closes.</summary>
    TimeSpan? IdleCloseAfter { get; }
    /// <summary>Wall-clock silence of a key after which the note "closed until" is forgotten, so that state stays bounded.</summary>
    TimeSpan ForgetAfter { get; }
    WindowClock Clock { get; }
}

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
