using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;
using StreamPlatform.Topology.State;

namespace StreamPlatform.Topology.Steps;

/// <summary>Sums over emotion observations, of a window or of a whole session.</summary>
public static class WindowSteps
{
    /// <summary>Adds one observation.</summary>
    public static WindowTotals Add(WindowTotals totals, EmotionObserved seen)
    {
        var next = totals.Clone();
        next.Tenant = seen.Tenant;
        next.Frames++;
        next.FirstSequence = next.FirstSequence == 0 ? seen.Sequence : Math.Min(next.FirstSequence, seen.Sequence);
        next.LastSequence = Math.Max(next.LastSequence, seen.Sequence);
        if (seen.Probabilities is null)
        {
            return next;
        }

        next.FramesWithFace++;
        next.Sum = Emotions.Add(next.Sum, seen.Probabilities);
        next.Blinks += seen.ClosureBegan ? 1 : 0;
        return next;
    }

    /// <summary>The window's result.</summary>
    public static EmotionWindow Close(string sessionId, TimeWindow window, WindowTotals totals)
    {
        var mean = Emotions.Mean(totals.Sum, totals.FramesWithFace);
        return new EmotionWindow
        {
            SessionId = sessionId,
            Tenant = totals.Tenant,
            StartMs = window.StartMs,
            EndMs = window.EndMs,
            FramesAnalysed = totals.Frames,
            FramesWithFace = totals.FramesWithFace,
            FaceRatio = totals.Frames == 0 ? 0 : (float)totals.FramesWithFace / totals.Frames,
            Mean = mean,
            Dominant = Emotions.Dominant(mean),
            Blinks = totals.Blinks,
            FirstSequence = totals.FirstSequence,
            LastSequence = totals.LastSequence,
        };
    }
}
