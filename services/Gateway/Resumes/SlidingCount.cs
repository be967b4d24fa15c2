namespace StreamPlatform.Gateway.Resumes;

/// <summary>A count over the last so many slices of time, the present one included. Not safe for concurrent use.</summary>
internal sealed class SlidingCount(int slices, TimeSpan slice)
{
    private readonly int[] counts = new int[slices];
    private long newest = long.MinValue;

    public int Sum { get; private set; }

    public void Add(DateTimeOffset now, int count)
    {
        Move(now);
        counts[newest % slices] += count;
        Sum += count;
    }

    /// <summary>How long until <paramref name="count"/> more fit below <paramref name="limit"/>; zero when they fit now.</summary>
    public TimeSpan Wait(DateTimeOffset now, int count, int limit)
    {
        Move(now);
        var sum = Sum;
        for (var back = slices - 1; back >= 0; back--)
        {
            if (sum + count <= limit)
            {
                return Until(now, slices - 1 - back);
            }

            sum -= newest - back < 0 ? 0 : counts[(newest - back) % slices];
        }

        return Until(now, slices);
    }

    // When so many of the oldest slices have fallen out.
    private TimeSpan Until(DateTimeOffset now, int fallen) => fallen == 0 ? TimeSpan.Zero : new DateTimeOffset((newest + fallen) * slice.Ticks, TimeSpan.Zero) - now;

    private void Move(DateTimeOffset now)
    {
        var present = now.UtcTicks / slice.Ticks;
        if (present <= newest)
        {
            return; // also when the clock was set back
        }

        var passed = newest == long.MinValue ? slices : Math.Min(slices, present - newest);
        for (var i = 0; i < passed; i++)
        {
            var at = (present - i) % slices;
            Sum -= counts[at];
            counts[at] = 0;
        }

        newest = present;
    }
}
