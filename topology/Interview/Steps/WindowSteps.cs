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
        if (seen.Skipped)
        {
            next.FramesSkipped++;
            return next;
        }

        next.Frames++;
        next.FramesWithoutPresence += seen.NoFacePresence ? 1 : 0;
        next.FirstSequence = next.FirstSequence == 0 ? seen.Sequence : Math.Min(next.FirstSequence, seen.Sequence);
        next.LastSequence = Math.Max(next.LastSequence, seen.Sequence);
        // Without the consent to emotion a face is known by its box, without the one to presence not at all.
        var face = seen.NoEmotion ? seen.Face is not null || seen.EyeOpenness > 0 : seen.Probabilities is not null;
        next.FramesWithFace += face && !seen.NoFacePresence ? 1 : 0;
        next.Sum = seen.Probabilities is null ? next.Sum : Emotions.Add(next.Sum, seen.Probabilities);
        next.Blinks += face && seen.ClosureBegan ? 1 : 0;
        return next;
    }

    /// <summary>The window's result.</summary>
    public static EmotionWindow Close(string sessionId, TimeWindow window, WindowTotals totals)
    {
        var mean = Emotions.Mean(totals.Sum);
        return new EmotionWindow
        {
            SessionId = sessionId,
            Tenant = totals.Tenant,
            StartMs = window.StartMs,
            EndMs = window.EndMs,
            FramesAnalysed = totals.Frames,
            FramesWithFace = totals.FramesWithFace,
            FramesCaptured = totals.Frames + totals.FramesSkipped,
            FramesSkipped = totals.FramesSkipped,
            FaceRatio = totals.Frames == totals.FramesWithoutPresence ? 0 : (float)totals.FramesWithFace / (totals.Frames - totals.FramesWithoutPresence),
            Mean = mean,
            Dominant = Emotions.Dominant(mean),
            Blinks = totals.Blinks,
            FirstSequence = totals.FirstSequence,
            LastSequence = totals.LastSequence,
        };
    }
}
