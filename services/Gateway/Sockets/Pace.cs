namespace StreamPlatform.Gateway.Sockets;

/// <summary>A token bucket: how long to wait before the next message may be read. Slows a fast client through TCP instead of dropping.</summary>
public sealed class Pace(int perSecond, int burst, TimeProvider time)
{
    private double tokens = burst;
    private long last = time.GetTimestamp();

    /// <summary>Takes a token, waiting until there is one.</summary>
    public async ValueTask TakeAsync(CancellationToken cancellationToken)
    {
        var now = time.GetTimestamp();
        tokens = Math.Min(burst, tokens + (time.GetElapsedTime(last, now).TotalSeconds * perSecond));
        last = now;
        tokens -= 1;
        if (tokens < 0)
        {
            await Task.Delay(TimeSpan.FromSeconds(-tokens / perSecond), time, cancellationToken);
        }
    }
}
