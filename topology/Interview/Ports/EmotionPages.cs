using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Topology.Ports;

/// <summary>What every emotion series store agrees on: bounds, and whole reads made of pages.</summary>
public static class EmotionPages
{
    /// <summary>Most rows of one page.</summary>
    public const int MaxPage = 1000;

    /// <summary>Before the first row of a session.</summary>
    public const long Beginning = long.MinValue;

    /// <summary>The last millisecond of the year 9999, Unix time.</summary>
    public const long MaxUnixMs = 253_402_300_799_999;

    // 28 hours of windows of 10 s: beyond every interview; what lies behind is not shown rather than read without end.
    private const int MaxWindowsOfSession = 10_000;

    /// <summary>The nearest time that every store holds, Unix milliseconds.</summary>
    public static long ClampMs(long unixMs) => Math.Clamp(unixMs, 0, MaxUnixMs);

    /// <summary>A page size within 1 to <see cref="MaxPage"/>.</summary>
    public static int ClampLimit(int limit) => Math.Clamp(limit, 1, MaxPage);

    /// <summary>All windows of a session by their start, at most 10,000.</summary>
    /// <exception cref="Streams.TransientException">The store cannot be asked now.</exception>
    public static async Task<IReadOnlyList<StoredWindow>> ReadAllWindowsAsync(this IEmotionSeriesReader series, string sessionId, CancellationToken cancellationToken)
    {
        var all = new List<StoredWindow>();
        for (var after = Beginning; all.Count < MaxWindowsOfSession; after = all[^1].Window.StartMs)
        {
            var page = await series.ReadWindowsAsync(sessionId, after, MaxPage, cancellationToken).ConfigureAwait(false);
            all.AddRange(page);
            if (page.Count < MaxPage)
            {
                break;
            }
        }

        return all;
    }

    /// <summary>The window as the results API shows it.</summary>
    public static WindowRow ToRow(this StoredWindow stored)
    {
        var w = stored.Window;
        return new(
            w.StartMs, w.EndMs, w.FramesAnalysed, w.FramesWithFace, w.FaceRatio, Means(w.Mean), w.Dominant, w.Blinks, stored.StoredAtMs, w.FramesCaptured, w.FramesSkipped);
    }

    private static Probabilities? Means(EmotionProbabilities? p) => p is null ? null : new(p.Angry, p.Disgust, p.Fear, p.Happy, p.Sad, p.Surprise, p.Neutral);
}
