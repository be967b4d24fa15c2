namespace StreamPlatform.Streams;

/// <summary>
/// Windows of activity: records of a key at most <see cref="InactivityGap"/> apart are one session, and a record between two sessions merges them.
/// A session closes when its clock has passed its last record by more than gap and grace, or after <see cref="IdleCloseAfter"/> of wall-clock silence;
/// then records up to one gap after it are late. So any two results of a key lie more than a gap apart.
/// Its bounds are the first timestamp and the last plus 1 ms (the end is exclusive).
/// </summary>
public sealed record SessionWindows : IWindowTiming
{
    private SessionWindows(TimeSpan gap) => InactivityGap = gap;

    public TimeSpan InactivityGap { get; }
    public TimeSpan GracePeriod { get; private init; } = TimeSpan.Zero;
    public TimeSpan? IdleCloseAfter { get; private init; }
    public TimeSpan ForgetAfter { get; private init; } = TimeSpan.FromDays(1);
    public WindowClock Clock { get; private init; } = WindowClock.Key;
    /// <summary>With <see cref="EmitStrategy.OnWindowUpdate"/> a merged session is given; the ones it swallowed are not taken back.</summary>
    public EmitStrategy Emission { get; private init; } = EmitStrategy.OnWindowClose;

    public static SessionWindows WithInactivityGap(TimeSpan gap) => new(WindowRange.Positive(gap, "an inactivity gap"));

    public SessionWindows Grace(TimeSpan grace) => this with { GracePeriod = WindowRange.NotNegative(grace, "grace") };
    public SessionWindows CloseAfterIdle(TimeSpan silence) => this with { IdleCloseAfter = WindowRange.Positive(silence, nameof(CloseAfterIdle)) };
    public SessionWindows Forget(TimeSpan silence) => this with { ForgetAfter = WindowRange.Positive(silence, nameof(Forget)) };
    public SessionWindows By(WindowClock clock) => this with { Clock = clock };
    public SessionWindows Emit(EmitStrategy strategy) => this with { Emission = strategy };
}
