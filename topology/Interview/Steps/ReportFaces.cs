using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.State;

namespace StreamPlatform.Topology.Steps;

/// <summary>What the frames of a session showed: sums, and the stretches of time worth a note. Frames come in the order of their capture.</summary>
public static class ReportFaces
{
    private const int MaxSpans = 100;
    private const int MaxModels = 8;

    /// <summary>Adds one analysed frame.</summary>
    public static FaceTrack Add(FaceTrack track, EmotionObserved seen, ReportOptions options)
    {
        var next = track.Clone();
        next.ChangedFrames++;
        next.Totals = WindowSteps.Add(next.Totals ?? new WindowTotals(), seen);
        if (seen.Skipped)
        {
            return next;
        }

        next.FramesWithSeveralFaces += seen.FaceCount > 1 ? 1 : 0;
        if (seen.ModelVersion.Length > 0 && next.ModelVersions.Count < MaxModels && !next.ModelVersions.Contains(seen.ModelVersion))
        {
            next.ModelVersions.Add(seen.ModelVersion);
        }

        var at = seen.CapturedAtMs;
        if (next.LastMs > 0)
        {
            Note(next.CaptureGaps, next.LastMs, at, options.CaptureGap);
        }

        next.FramesUnreliable += seen.EmotionUnreliable ? 1 : 0;
        if (seen.Track > next.Track && next.Track > 0 && next.FaceChanges.Count < MaxSpans)
        {
            next.FaceChanges.Add(new TimeSpanMs { FromMs = at });
        }

        next.Track = Math.Max(next.Track, seen.Track);
        next.LastMs = Math.Max(next.LastMs, at);
        if (seen.NoFacePresence)
        {
            return next;
        }

        // the candidate's face: others in the image do not stand for it
        var hasFace = seen.Probabilities is not null || seen.Face is not null;
        if (hasFace && next.FacelessSinceMs > 0)
        {
            Note(next.FaceLost, next.FacelessSinceMs, at, options.FaceLost);
        }

        if (seen.FaceCount <= 1 && next.SeveralSinceMs > 0)
        {
            Note(next.SeveralFaces, next.SeveralSinceMs, track.LastMs, options.SeveralFaces);
        }

        next.FacelessSinceMs = hasFace ? 0 : next.FacelessSinceMs > 0 ? next.FacelessSinceMs : at;
        next.SeveralSinceMs = seen.FaceCount <= 1 ? 0 : next.SeveralSinceMs > 0 ? next.SeveralSinceMs : at;
        return next;
    }

    /// <summary>Adds a frame that could not be decoded; the same one again changes nothing.</summary>
    public static FaceTrack AddDead(FaceTrack track, long sequence)
    {
        // in order as a rule: only one that comes out of it is looked for
        if (track.DeadFrames.Count > 0 && sequence <= track.DeadFrames[^1] && track.DeadFrames.Contains(sequence))
        {
            return track;
        }

        var next = track.Clone();
        next.DeadFrames.Add(sequence);
        next.ChangedFrames++;
        return next;
    }

    /// <summary>With the stretches that were still open at the last frame.</summary>
    public static FaceTrack Closed(FaceTrack track, ReportOptions options)
    {
        var closed = track.Clone();
        if (closed.FacelessSinceMs > 0)
        {
            Note(closed.FaceLost, closed.FacelessSinceMs, closed.LastMs, options.FaceLost);
        }

        if (closed.SeveralSinceMs > 0)
        {
            Note(closed.SeveralFaces, closed.SeveralSinceMs, closed.LastMs, options.SeveralFaces);
        }

        return closed;
    }

    private static void Note(ICollection<TimeSpanMs> spans, long fromMs, long toMs, TimeSpan atLeast)
    {
        if (toMs - fromMs >= atLeast.TotalMilliseconds && spans.Count < MaxSpans)
        {
            spans.Add(new TimeSpanMs { FromMs = fromMs, ToMs = toMs });
        }
    }
}
