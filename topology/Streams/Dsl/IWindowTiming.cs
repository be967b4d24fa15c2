namespace StreamPlatform.Streams;

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
