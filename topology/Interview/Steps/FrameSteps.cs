using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Ports;
using StreamPlatform.Topology.State;

namespace StreamPlatform.Topology.Steps;

/// <summary>A frame and what the session's consent and jurisdiction say about it.</summary>
/// <param name="Frame">The frame.</param>
/// <param name="DenialReason">Why it must not be decoded; null when it may.</param>
public sealed record FrameRequest(FrameCaptured Frame, string? DenialReason);

/// <summary>What the emotion processor does with one frame.</summary>
/// <param name="Analyse">The frame to analyse, if there is one.</param>
/// <param name="Audit">A denial to record, if there is one.</param>
public sealed record FrameDecision(IReadOnlyList<FrameCaptured> Analyse, IReadOnlyList<AuditEvent> Audit);

/// <summary>A frame that was analysed, before it is known whose face is the candidate's.</summary>
/// <param name="Observed">What does not depend on the choice of a face.</param>
/// <param name="Analysis">Every face that was read.</param>
public sealed record FrameReading(EmotionObserved Observed, FaceAnalysis Analysis);

/// <summary>Steps of the emotion processor.</summary>
public static class FrameSteps
{
    /// <summary>Consent and jurisdiction of the session decide. A frame whose session has not arrived yet is retried.</summary>
    public static FrameRequest Decide(FrameCaptured frame, SessionState? session) =>
        session is null
            ? throw new TransientException($"session {frame.SessionId} is not on {Schemas.Topics.Sessions} yet")
            : new FrameRequest(frame, EmotionPolicy.DenialReason(session));

    /// <summary>Drops repeated sequence numbers, lets permitted frames through, and records the first denial of a session.</summary>
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
        if (request.DenialReason is null)
        {
            return (next, [new FrameDecision([frame], [])]);
        }

        next.Denied = true;
        return (next, state.Denied ? [] : [new FrameDecision([], [Denial("emotion.denied", frame.SessionId, frame.Tenant, request.DenialReason, frame.ReceivedAtMs)])]);
    }

    /// <summary>Analyses one frame; <see cref="CandidateSteps.Follow"/> makes an observation of it.</summary>
    public static async Task<FrameReading> AnalyseAsync(IEmotionModel model, FrameCaptured frame, TimeProvider time, CancellationToken ct)
    {
        FaceAnalysis result;
        try
        {
            result = await model.AnalyseAsync(frame.Jpeg.Memory, ct);
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
