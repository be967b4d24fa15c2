using System.Diagnostics.Metrics;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Steps;

namespace StreamPlatform.Topology.Load;

/// <summary>
/// The load signal of one emotion processor: how long live frames waited between the gateway and the step that admits them, over all sessions alike, so that all are
/// thinned out alike. Rises by one level per interval in which most frames were late, falls after many in which nearly all were on time. Not thread-safe: the processor's
/// owner loop asks it.
/// </summary>
public sealed class FrameLoad : IAsyncDisposable
{
    private const double MostAreLate = 0.5;
    private const double NearlyAllOnTime = 0.9;

    private readonly FrameLoadOptions options;
    private readonly TimeProvider time;
    private readonly Action<int, int>? onChange;
    private readonly Meter meter = new("StreamPlatform.Topology");
    private long? graceEndsMs;
    private long intervalEndsMs;
    private int seen;
    private int late;
    private int onTime;
    private int calm;
    private volatile int level;

    /// <param name="options">Thresholds.</param>
    /// <param name="time">Clock that the gateway's receive times are compared with.</param>
    /// <param name="onChange">Told the level before and after each change.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    public FrameLoad(FrameLoadOptions options, TimeProvider time, Action<int, int>? onChange = null)
    {
        options.Validate();
        this.options = options;
        this.time = time;
        this.onChange = onChange;
        meter.CreateObservableGauge("emotion.sampling.level", () => level, "{level}", "0 = every frame is analysed; 1 to 5 = fewer");
    }

    /// <summary>0 = every frame is analysed, up to <see cref="Sampling.MaxLevel"/>.</summary>
    public int Level => level;

    /// <summary>Takes note of a frame that is about to be admitted. Recordings are no sign of load: nobody waits for them, and their receive times are theirs.</summary>
    /// <returns>The level that applies to it.</returns>
    public int Observe(FrameCaptured frame)
    {
        if (frame.Recorded)
        {
            return 0;
        }

        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        graceEndsMs ??= nowMs + options.GraceMs;
        if (nowMs >= intervalEndsMs)
        {
            Conclude(nowMs >= graceEndsMs);
            intervalEndsMs = nowMs + options.IntervalMs;
        }

        var waitedMs = nowMs - frame.ReceivedAtMs;
        seen++;
        late += waitedMs > options.LateAfterMs ? 1 : 0;
        onTime += waitedMs <= options.OnTimeBelowMs ? 1 : 0;
        return level;
    }

    public ValueTask DisposeAsync()
    {
        meter.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Conclude(bool mayRise)
    {
        calm = seen > 0 && onTime >= NearlyAllOnTime * seen ? calm + 1 : 0;
        if (mayRise && seen > 0 && late >= MostAreLate * seen)
        {
            Set(Math.Min(Sampling.MaxLevel, level + 1));
        }
        else if (calm >= options.CalmIntervals)
        {
            calm = 0;
            Set(Math.Max(0, level - 1));
        }

        (seen, late, onTime) = (0, 0, 0);
    }

    private void Set(int next)
    {
        var before = level;
        if (before == next)
        {
            return;
        }

        level = next;
        onChange?.Invoke(before, next);
    }
}
