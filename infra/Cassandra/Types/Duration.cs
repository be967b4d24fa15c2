namespace Cassandra;

/// <summary>CQL duration: months, days and nanoseconds, all of one sign; not a fixed span, since months and days differ in length.</summary>
public readonly record struct Duration
{
    /// <exception cref="ArgumentException">The parts differ in sign.</exception>
    public Duration(int months, int days, long nanoseconds)
    {
        bool negative = months < 0 || days < 0 || nanoseconds < 0;
        bool positive = months > 0 || days > 0 || nanoseconds > 0;
        if (negative && positive)
        {
            throw new ArgumentException("The parts of a duration must all be of one sign.");
        }
        Months = months;
        Days = days;
        Nanoseconds = nanoseconds;
    }

    public int Months { get; }

    public int Days { get; }

    public long Nanoseconds { get; }

    public static Duration FromTimeSpan(TimeSpan span) => new(0, 0, checked(span.Ticks * 100));

    public override string ToString() => Months < 0 || Days < 0 || Nanoseconds < 0
        ? $"-{-(long)Months}mo{-(long)Days}d{(Nanoseconds == long.MinValue ? "9223372036854775808" : -Nanoseconds)}ns"
        : $"{Months}mo{Days}d{Nanoseconds}ns";
}
