using System.Globalization;

namespace Cassandra;

/// <summary>CQL time: nanoseconds since midnight.</summary>
public readonly record struct LocalTime : IComparable<LocalTime>
{
    /// <summary>One nanosecond before the next midnight.</summary>
    public const long MaxNanoseconds = 86_399_999_999_999;

    /// <param name="totalNanoseconds">From 0 to <see cref="MaxNanoseconds"/>.</param>
    public LocalTime(long totalNanoseconds) => TotalNanoseconds = totalNanoseconds is >= 0 and <= MaxNanoseconds
        ? totalNanoseconds
        : throw new ArgumentOutOfRangeException(nameof(totalNanoseconds), totalNanoseconds, $"A time of day is from 0 to {MaxNanoseconds} ns.");

    public LocalTime(int hour, int minute, int second, int nanoseconds)
        : this((new TimeOnly(hour, minute, second).Ticks * 100) + nanoseconds)
    {
    }

    public long TotalNanoseconds { get; }

    public int Hour => ToTimeOnly().Hour;

    public int Minute => ToTimeOnly().Minute;

    public int Second => ToTimeOnly().Second;

    /// <summary>Of the second.</summary>
    public int Nanoseconds => (int)(TotalNanoseconds % 1_000_000_000);

    public static LocalTime FromTimeOnly(TimeOnly time) => new(time.Ticks * 100);

    /// <summary>Cut to 100 ns.</summary>
    public TimeOnly ToTimeOnly() => new(TotalNanoseconds / 100);

    public int CompareTo(LocalTime other) => TotalNanoseconds.CompareTo(other.TotalNanoseconds);

    public static bool operator <(LocalTime left, LocalTime right) => left.CompareTo(right) < 0;

    public static bool operator >(LocalTime left, LocalTime right) => left.CompareTo(right) > 0;

    public static bool operator <=(LocalTime left, LocalTime right) => left.CompareTo(right) <= 0;

    public static bool operator >=(LocalTime left, LocalTime right) => left.CompareTo(right) >= 0;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{ToTimeOnly():HH\\:mm\\:ss}.{TotalNanoseconds % 1_000_000_000:000000000}");
}
