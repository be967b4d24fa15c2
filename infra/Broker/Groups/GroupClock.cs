namespace StreamPlatform.Broker.Groups;

/// <summary>Monotonic milliseconds of the injected time, for deadlines.</summary>
internal static class GroupClock
{
    public static long MonotonicMs(this TimeProvider time) => (long)time.GetElapsedTime(0, time.GetTimestamp()).TotalMilliseconds;

    public static long UnixMs(this TimeProvider time) => time.GetUtcNow().ToUnixTimeMilliseconds();
}
