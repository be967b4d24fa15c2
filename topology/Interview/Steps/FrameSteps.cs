using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Ports;
using StreamPlatform.Topology.State;

namespace StreamPlatform.Topology.Steps;

/// <summary>A frame, what the session's consents and jurisdiction say about it, and the load when it came up.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Allowed">What may be computed from it; None = it must not be decoded.</param>
/// <param name="Denials">Reason of each output that is not allowed.</param>
/// <param name="Level">Sampling level, 0 = every frame is analysed.</param>
public sealed record FrameRequest(FrameCaptured Frame, FaceOutputs Allowed, IReadOnlyList<(FaceOutputs Output, string Name, string Reason)> Denials, int Level);

/// <summary>A frame to analyse.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="Outputs">What may be computed from it.</param>
/// <param name="Level">Sampling level that let it through.</param>
public sealed record FrameTask(FrameCaptured Frame, FaceOutputs Outputs, int Level);

/// <summary>What the emotion processor does with one frame.</summary>
/// <param name="Analyse">The frame to analyse, if there is one.</param>
/// <param name="Skipped">The mark of a frame that is not analysed because of load, if there is one.</param>
/// <param name="Audit">Denials to record.</param>
public sealed record FrameDecision(IReadOnlyList<FrameTask> Analyse, IReadOnlyList<EmotionObserved> Skipped, IReadOnlyList<AuditEvent> Audit);

/// <summary>A frame that was analysed, before it is known whose face is the candidate's.</summary>
/// <param name="Observed">What does not depend on the choice of a face.</param>
/// <param name="Analysis">Every face that was read.</param>
public sealed record FrameReading(EmotionObserved Observed, FaceAnalysis Analysis);

/// <summary>Steps of the emotion processor.</summary>
public static class FrameSteps
{
    /// <summary>A live frame that waited longer than this is no longer looked at by anyone, ms: it makes room for those that are.</summary>
    private const long WatchedForMs = 10_000;

    private static readonly FrameQuality[] PresenceQuality = [FrameQuality.NoFace, FrameQuality.SeveralFaces, FrameQuality.CandidateAbsent, FrameQuality.Profile];

    /// <summary>Consents and jurisdiction of the session decide. A frame whose session has not arrived yet is retried.</summary>
    /// <param name="frame">The frame.</param>
    /// <param name="session">Latest state of its session.</param>
    /// <param name="load">Asked for the sampling level of a frame whose session is there; null = every frame is analysed.</param>
    public static FrameRequest Decide(FrameCaptured frame, SessionState? session, Func<FrameCaptured, int>? load = null)
    {
        if (session is null)
        {
            throw new TransientException($"session {frame.SessionId} is not on {Schemas.Topics.Sessions} yet");
        }

        var denials = new List<(FaceOutputs, string, string)>();
        var allowed = FaceOutputs.None;
        foreach (var (output, name) in EmotionPolicy.Switches)
        {
            if (EmotionPolicy.DenialReason(session, output) is { } reason)
            {
                denials.Add((output, name, reason));
            }
            else
            {
                allowed |= output;
            }
        }

        return new FrameRequest(frame, allowed, denials, load?.Invoke(frame) ?? 0);
    }

    /// <summary>Drops repeated sequence numbers, lets permitted frames through or skips them under load, and records each denial once until it is lifted.</summary>
    public static (FrameProgress State, IReadOnlyList<FrameDecision> Outputs) Admit(FrameProgress? state, FrameRequest request)
    {
        state ??= new FrameProgress();
        var frame = request.Frame;
        if (frame.Sequence <= state.LastSequence)
        {
            return (state, []);
        }

        var next = state.Clone();
        next.LastSequence = frame.Sequence;
        var audit = Denied(next, request);
        if (request.Allowed == FaceOutputs.None)
        {
            return (next, audit.Count == 0 ? [] : [new FrameDecision([], [], audit)]);
        }

        return Sampling.Take(next, frame, request.Level)
            ? (next, [new FrameDecision([new FrameTask(frame, request.Allowed, request.Level)], [], audit)])
            : (next, [new FrameDecision([], [SkipMark(frame, request.Level)], audit)]);
    }

    // A denial that was lifted and comes back is recorded again, under the number of the frame that met it.
    private static List<AuditEvent> Denied(FrameProgress next, FrameRequest request)
    {
        var known = (FaceOutputs)next.DeniedOutputs | (next.Denied ? FaceOutputs.Emotion : FaceOutputs.None);
        var frame = request.Frame;
        var audit = new List<AuditEvent>();
        foreach (var (output, name, reason) in request.Denials.Where(d => !known.HasFlag(d.Output)))
        {
            var denial = Denial($"{name}.denied", frame.SessionId, frame.Tenant, reason, frame.ReceivedAtMs);
            denial.AuditId += frame.Sequence > 1 ? $"/{frame.Sequence}" : "";
            audit.Add(denial);
        }

        next.Denied = false;
        next.DeniedOutputs = (int)request.Denials.Aggregate(FaceOutputs.None, (all, d) => all | d.Output);
        return audit;
    }

    private static EmotionObserved SkipMark(FrameCaptured frame, int level) => new()
    {
        SessionId = frame.SessionId,
        Tenant = frame.Tenant,
        Sequence = frame.Sequence,
        CapturedAtMs = frame.CapturedAtMs,
        QuestionIndex = frame.QuestionIndex,
        Skipped = true,
        SamplingLevel = level,
    };

    /// <summary>Recordings wait for everyone; a live frame that is late already waits for those that are not.</summary>
    public static BatchPriority PriorityOf(FrameCaptured frame, long nowMs) =>
        frame.Recorded ? BatchPriority.Low : nowMs - frame.ReceivedAtMs > WatchedForMs ? BatchPriority.Medium : BatchPriority.High;

    /// <summary>Clears what must not be known, whatever the model gave.</summary>
    public static EmotionObserved KeepAllowed(EmotionObserved seen)
    {
        if (seen.NoEmotion)
        {
            (seen.Probabilities, seen.Dominant) = (null, "");
        }

        if (seen.NoFacePresence)
        {
            (seen.Face, seen.FaceCount, seen.ExtraFaces, seen.Track, seen.YawDegrees) = (null, 0, 0, 0, 0);
            foreach (var presence in PresenceQuality.Where(seen.Quality.Contains).ToList())
            {
                seen.Quality.Remove(presence);
            }
        }

        if (seen.NoBlink)
        {
            (seen.EyeOpenness, seen.EyesClosed, seen.ClosureBegan) = (0, false, false);
        }

        return seen;
    }

    /// <summary>Analyses one frame; <see cref="CandidateSteps.Follow"/> makes an observation of it.</summary>
    public static async Task<FrameReading> AnalyseAsync(IEmotionModel model, FrameTask task, TimeProvider time, CancellationToken ct)
    {
        var frame = task.Frame;
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        FaceAnalysis result;
        try
        {
            result = await model.AnalyseAsync(frame.Jpeg.Memory, new FaceQuery(task.Outputs, PriorityOf(frame, nowMs)), ct);
        }
        catch (UnreadableImageException e)
        {
            throw new PoisonException($"frame {frame.Sequence} of session {frame.SessionId}: {e.Message}", e);
        }

        var observed = new EmotionObserved
        {
            SessionId = frame.SessionId,
            Tenant = frame.Tenant,
            Sequence = frame.Sequence,
            CapturedAtMs = frame.CapturedAtMs,
            QuestionIndex = frame.QuestionIndex,
            SamplingLevel = task.Level,
            NoEmotion = !task.Outputs.HasFlag(FaceOutputs.Emotion),
            NoFacePresence = !task.Outputs.HasFlag(FaceOutputs.FacePresence),
            NoBlink = !task.Outputs.HasFlag(FaceOutputs.Blink),
            FaceCount = result.FaceCount,
            ModelVersion = model.ModelVersion,
            AnalysedAtMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
        };
        return new FrameReading(observed, result);
    }

    /// <summary>An audit record of something that consent or jurisdiction forbade.</summary>
    public static AuditEvent Denial(string action, string sessionId, string tenant, string reason, long atMs) => new()
    {
        AuditId = $"{sessionId}/{action}",
        Tenant = tenant,
        SessionId = sessionId,
        Actor = "streamplatform",
        Action = action,
        Reason = reason,
        AtMs = atMs,
    };
}
