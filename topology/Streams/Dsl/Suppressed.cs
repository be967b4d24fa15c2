namespace StreamPlatform.Streams;

/// <summary>
/// How long updates are held back. "Until the window closes" needs no operator here: a windowed aggregate gives its result at the close unless told otherwise
/// (<see cref="EmitStrategy"/>).
/// </summary>
public sealed record Suppressed
{
    private Suppressed(TimeSpan limit, TimeSpan idle) => (Limit, EmitAfterIdle) = (limit, idle);

    /// <summary>Event time of the key between the first update held and the one that releases.</summary>
    public TimeSpan Limit { get; }
    /// <summary>Wall-clock silence of the key after which what is held is released.</summary>
    public TimeSpan EmitAfterIdle { get; }

    /// <summary>
    /// The last update of each key, once the key's event time has moved on by <paramref name="limit"/> since the first one held, or after as much wall-clock silence
    /// (<see cref="AfterIdle"/> changes that). Kafka Streams' untilTimeLimit waits for partition time alone, and so for ever for the last ones.
    /// </summary>
    public static Suppressed UntilTimeLimit(TimeSpan limit) => new(WindowRange.Positive(limit, "a time limit"), limit);

    public Suppressed AfterIdle(TimeSpan silence) => new(Limit, WindowRange.Positive(silence, nameof(AfterIdle)));
}
