using System.Globalization;

namespace Cassandra;

/// <summary>CQL date: a day without a time zone, from 5877641 BC to 5881580 AD. .NET's own dates cover years 1 to 9999 of it.</summary>
public readonly record struct LocalDate : IComparable<LocalDate>
{
    private const uint Center = 1u << 31;
    private static readonly int EpochDayNumber = new DateOnly(1970, 1, 1).DayNumber;

    /// <param name="daysSinceEpochCentered">Days, with 1970-01-01 at 2^31, as on the wire.</param>
    public LocalDate(uint daysSinceEpochCentered) => DaysSinceEpochCentered = daysSinceEpochCentered;

    public LocalDate(int year, int month, int day)
        : this(FromDays(new DateOnly(year, month, day)))
    {
    }

    public uint DaysSinceEpochCentered { get; }

    /// <summary>Days since 1970-01-01, negative before.</summary>
    public long DaysSinceEpoch => (long)DaysSinceEpochCentered - Center;

    /// <exception cref="InvalidTypeException">The year is not from 1 to 9999; so of the two below.</exception>
    public int Year => ToDateOnly().Year;

    public int Month => ToDateOnly().Month;

    public int Day => ToDateOnly().Day;

    /// <exception cref="FormatException">It is not a date as 2026-03-04.</exception>
    public static LocalDate Parse(string value) => FromDateOnly(DateOnly.ParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture));

    public static LocalDate FromDateOnly(DateOnly date) => new(FromDays(date));

    /// <exception cref="InvalidTypeException">The year is not from 1 to 9999.</exception>
    public DateOnly ToDateOnly()
    {
        long day = DaysSinceEpoch + EpochDayNumber;
        return day >= 0 && day <= DateOnly.MaxValue.DayNumber
            ? DateOnly.FromDayNumber((int)day)
            : throw new InvalidTypeException($"The date of {DaysSinceEpoch} days since 1970-01-01 is outside .NET's range.");
    }

    public int CompareTo(LocalDate other) => DaysSinceEpochCentered.CompareTo(other.DaysSinceEpochCentered);

    public static bool operator <(LocalDate left, LocalDate right) => left.CompareTo(right) < 0;

    public static bool operator >(LocalDate left, LocalDate right) => left.CompareTo(right) > 0;

    public static bool operator <=(LocalDate left, LocalDate right) => left.CompareTo(right) <= 0;

    public static bool operator >=(LocalDate left, LocalDate right) => left.CompareTo(right) >= 0;

    public override string ToString()
    {
        long day = DaysSinceEpoch + EpochDayNumber;
        return day >= 0 && day <= DateOnly.MaxValue.DayNumber
            ? ToDateOnly().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
            : DaysSinceEpochCentered.ToString(CultureInfo.InvariantCulture);
    }

    private static uint FromDays(DateOnly date) => (uint)(date.DayNumber - EpochDayNumber + (long)Center);
}
