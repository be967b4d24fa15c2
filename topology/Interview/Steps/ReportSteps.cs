using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;
using StreamPlatform.Topology.State;

namespace StreamPlatform.Topology.Steps;

/// <summary>One thing that the report is made of. Exactly one part is set.</summary>
public sealed record ReportInput(
    SessionEvent? Event = null, EmotionObserved? Emotion = null, FrameCaptured? DeadFrame = null, Transcript? Transcript = null, AnswerScored? Score = null,
    AiCallEnded? Cost = null);

/// <summary>
/// Gathers a session and writes its report when everything the gateway acknowledged has been analysed, and again when a score or a transcript is revised.
/// State per session: one entry that every frame changes, of some hundred bytes, and one with all the rest. Formulas: docs/report.md.
/// </summary>
public static class ReportSteps
{
    private const string Rest = "";
    private const string Frames = "f";

    /// <summary>A dead letter of the frames topic as an input; none when not even its Protobuf can be read: the gateway wrote no such frame.</summary>
    public static IReadOnlyList<ReportInput> DeadFrame(ISerde<FrameCaptured> serde, byte[] letter)
    {
        try
        {
            return [new ReportInput(DeadFrame: serde.Deserialize(Topics.Frames, letter))];
        }
        catch (SerializationException)
        {
            return [];
        }
    }

    /// <summary>A call as an input; none when it belongs to no interview, or cost nothing.</summary>
    public static IReadOnlyList<ReportInput> Cost(AiCallEnded call) =>
        call.SessionId.Length > 0 && call.CostUsd > 0 && double.IsFinite(call.CostUsd) ? [new ReportInput(Cost: call)] : [];

    /// <summary>Adds one input and returns the report as soon as it is complete, or anew when a score or transcript changes it.</summary>
    public static IEnumerable<InterviewReport> Add(IKeyContext<ReportTotals> context, ReportInput input, ReportOptions options)
    {
        var before = context.Get(Rest) ?? new ReportTotals();
        var faces = FacesOf(context, before);
        var (totals, track, revision) = input switch
        {
            { Event: { } e } => (ReportGathering.Add(before, e), faces, ""),
            { Emotion: { } e } => (before, ReportFaces.Add(faces, e, options), ""),
            { DeadFrame: { } f } => (before, ReportFaces.AddDead(faces, f.Sequence), ""),
            { Score: { } s } => (ReportGathering.Add(before, s, context.Record.TimestampMs), faces, $"a new score of question {s.QuestionIndex + 1}"),
            { Transcript.Completed: { } t } =>
                (ReportGathering.Add(before, t, context.Record.TimestampMs), faces, $"a new transcript of question {t.Question.Index + 1}"),
            { Cost: { } c } => (ReportGathering.Add(before, c), faces, ""),
            _ => (before, faces, ""),
        };
        Keep(context, before, faces, totals, track);
        if (totals.StartedAtMs == 0 || totals.CompletedAtMs == 0 || (ReferenceEquals(totals, before) && ReferenceEquals(track, faces)))
        {
            return [];
        }

        var complete = ReportNotes.Missing(totals, track).Count == 0;
        return totals.Progress switch
        {
            ReportProgress.Unspecified when complete => [Write(context, totals, track, ReportProgress.Complete, "complete", options)],
            ReportProgress.Partial when complete => [Write(context, totals, track, ReportProgress.Complete, "the missing parts arrived", options)],
            ReportProgress.Complete or ReportProgress.Partial when revision.Length > 0 => [Write(context, totals, track, totals.Progress, revision, options)],
            _ => [],
        };
    }

    /// <summary>
    /// When a completed session has been silent for long, the report is written with what is there, and says what is missing; once written, the session is kept
    /// for <see cref="ReportOptions.KeepFor"/> after its latest event, and then forgotten. So is one that never completes.
    /// </summary>
    public static IEnumerable<InterviewReport> Idle(IKeyContext<ReportTotals> context, ReportOptions options)
    {
        var totals = context.Get(Rest) ?? new ReportTotals();
        var track = FacesOf(context, totals);
        var age = TimeSpan.FromMilliseconds(Math.Max(0, context.NowMs - Math.Max(totals.LatestMs, track.LastMs)));
        if (age >= options.KeepFor)
        {
            context.DeleteAll();
            return [];
        }

        context.IdleAgainAfter(options.KeepFor - age);
        if (totals.StartedAtMs == 0 || totals.CompletedAtMs == 0 || (totals.Progress != ReportProgress.Unspecified && !totals.Changed && track.ChangedFrames == 0))
        {
            return [];
        }

        // a report that was complete stays so when it is only revised by costs that came late
        return totals.Progress == ReportProgress.Complete && ReportNotes.Missing(totals, track).Count == 0
            ? [Write(context, totals, track, ReportProgress.Complete, "late costs arrived", options)]
            : [Write(context, totals, track, ReportProgress.Partial, totals.Revision == 0 ? "parts are missing" : "more parts arrived", options)];
    }

    private static FaceTrack FacesOf(IKeyContext<ReportTotals> context, ReportTotals totals) =>
        context.Get(Frames)?.Faces ?? new FaceTrack { Totals = totals.Emotions ?? new WindowTotals(), DeadFrames = { totals.DeadFrames } };

    private static void Keep(IKeyContext<ReportTotals> context, ReportTotals before, FaceTrack faces, ReportTotals totals, FaceTrack track)
    {
        if (!ReferenceEquals(totals, before))
        {
            context.Put(totals, Rest);
        }

        if (!ReferenceEquals(track, faces))
        {
            context.Put(new ReportTotals { Faces = track }, Frames);
        }
    }

    private static InterviewReport Write(IKeyContext<ReportTotals> context, ReportTotals totals, FaceTrack track, ReportProgress progress, string reason, ReportOptions options)
    {
        var written = totals.Clone();
        (written.Progress, written.Changed, written.Revision) = (progress, false, totals.Revision + 1);
        var read = track.Clone();
        read.ChangedFrames = 0;
        Keep(context, totals, track, written, read);
        var atMs = context.Record.Offset >= 0 ? context.Record.TimestampMs : context.NowMs;
        return ReportWriting.Write(context.Key, written, track, reason, atMs, options);
    }
}
