namespace StreamPlatform.Postgres.Replica;

/// <summary>When reads may go to the replica.</summary>
public sealed class ReplicaOptions
{
    /// <summary>How often both servers are asked for their WAL positions. Default 500 ms, 10 ms .. 1 min.</summary>
    public TimeSpan CheckEvery { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>A replica that is further behind is not asked. Default 5 s, 100 ms .. 5 min; at least twice <see cref="CheckEvery"/>.</summary>
    public TimeSpan MaxLag { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a write by a person may take from the page to the primary (topic, sink). A person who wrote reads from the primary until the
    /// replica has replayed what the primary had this much later. Default 10 s, 0 .. 5 min.
    /// </summary>
    public TimeSpan WriteSettles { get; set; } = TimeSpan.FromSeconds(10);

    /// <exception cref="ArgumentException">Names the option and the accepted range.</exception>
    public void Validate()
    {
        Require(nameof(CheckEvery), CheckEvery, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1));
        Require(nameof(MaxLag), MaxLag, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5));
        Require(nameof(WriteSettles), WriteSettles, TimeSpan.Zero, TimeSpan.FromMinutes(5));
        if (MaxLag < 2 * CheckEvery)
        {
            throw new ArgumentException($"replica option MaxLag is {MaxLag}; it takes at least twice CheckEvery ({CheckEvery})");
        }
    }

    private static void Require(string option, TimeSpan value, TimeSpan low, TimeSpan high)
    {
        if (value < low || value > high)
        {
            throw new ArgumentException($"replica option {option} is {value}; it takes {low} .. {high}");
        }
    }
}
