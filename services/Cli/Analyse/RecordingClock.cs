namespace StreamPlatform.Cli.Analyse;

/// <summary>A clock that stands where the recording stands; timers and timestamps are the real ones.</summary>
/// <param name="start">Moment of the recording's beginning.</param>
/// <param name="real">Clock of timers and timestamps.</param>
public sealed class RecordingClock(DateTimeOffset start, TimeProvider real) : TimeProvider
{
    private long positionTicks;

    /// <summary>Where the recording stands.</summary>
    public TimeSpan Position
    {
        get => new(Interlocked.Read(ref positionTicks));
        set => Interlocked.Exchange(ref positionTicks, value.Ticks);
    }

    /// <summary>Moment of the beginning.</summary>
    public DateTimeOffset Start => start;

    public override long TimestampFrequency => real.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => start + Position;

    public override long GetTimestamp() => real.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => real.CreateTimer(callback, state, dueTime, period);
}
