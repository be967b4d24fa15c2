namespace StreamPlatform.Streams;

/// <summary>
/// Which records of two streams meet: the other side's timestamp lies between <see cref="Before"/> earlier and <see cref="After"/> later than this side's.
/// A record is held until its clock, by default that of its key over both sides, has passed the last timestamp it could meet by more than the grace; one that comes later than that is late.
/// Both sides of a pair must be held at once. Results carry the larger timestamp.
/// </summary>
public sealed record JoinWindows : IWindowTiming
{
    private JoinWindows(TimeSpan before, TimeSpan after) => (Before, After) = (before, after);

    public TimeSpan Before { get; }
    public TimeSpan After { get; }
    public TimeSpan GracePeriod { get; private init; } = TimeSpan.Zero;
    /// <summary>Wall-clock silence of a key after which what it holds is given up; outer joins then give what met nothing.</summary>
    public TimeSpan? IdleCloseAfter { get; private init; }
    /// <summary>As <see cref="IdleCloseAfter"/>, and the key's clock is forgotten.</summary>
    public TimeSpan ForgetAfter { get; private init; } = TimeSpan.FromDays(1);
    public WindowClock Clock { get; private init; } = WindowClock.Key;

    public static JoinWindows Of(TimeSpan difference) => Of(difference, difference);

    public static JoinWindows Of(TimeSpan before, TimeSpan after) =>
        new(WindowRange.NotNegative(before, "a join window's part before"), WindowRange.NotNegative(after, "a join window's part after"));

    public JoinWindows Grace(TimeSpan grace) => this with { GracePeriod = WindowRange.NotNegative(grace, "grace") };
    public JoinWindows CloseAfterIdle(TimeSpan silence) => this with { IdleCloseAfter = WindowRange.Positive(silence, nameof(CloseAfterIdle)) };
    public JoinWindows Forget(TimeSpan silence) => this with { ForgetAfter = WindowRange.Positive(silence, nameof(Forget)) };
    public JoinWindows By(WindowClock clock) => this with { Clock = clock };
}
