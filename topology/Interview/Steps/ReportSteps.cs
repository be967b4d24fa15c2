using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;
using StreamPlatform.Topology.State;

namespace StreamPlatform.Topology.Steps;

/// <summary>One thing that the report is made of. Exactly one part is set.</summary>
public sealed record ReportInput(
    SessionEvent? Event = null, EmotionObserved? Emotion = null, FrameCaptured? DeadFrame = null, Transcript? Transcript = null, AnswerScored? Score = null);

/// <summary>Gathers a session and writes its report when everything the gateway acknowledged has been analysed. Formulas: docs/report.md.</summary>
public static class ReportSteps
{
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

    /// <summary>Adds one input and returns the report as soon as it is complete.</summary>
    public static (ReportTotals State, IReadOnlyList<InterviewReport> Outputs) Add(string sessionId, ReportTotals? state, ReportInput input)
    {
        var next = state?.Clone() ?? new ReportTotals();
        next.Emotions ??= new WindowTotals();
        switch (input)
        {
            case { Event: { } e }: AddEvent(next, e); break;
            case { Emotion: { } e }: next.Emotions = WindowSteps.Add(next.Emotions, e); break;
            case { DeadFrame: { } f } when !next.DeadFrames.Contains(f.Sequence): next.DeadFrames.Add(f.Sequence); break;
            case { Score: { } s }: next.Scores[s.QuestionIndex] = s; break;
            case { Transcript.Completed: { } t }:
                next.Speech[t.Question.Index] = new SpeechTotals { SpeechMs = t.SpeechMs, AudioMs = t.AudioMs };
                break;
        }

        if (next.Progress == ReportProgress.Complete || next.StartedAtMs == 0 || next.CompletedAtMs == 0 || Missing(next).Count > 0)
        {
            return (next, []);
        }

        next.Progress = ReportProgress.Complete;
        return (next, [Write(sessionId, next)]);
    }

    /// <summary>When a completed session has been silent for long, the report is written with what is there, and says what is missing.</summary>
    public static (ReportTotals State, IReadOnlyList<InterviewReport> Outputs) Idle(string sessionId, ReportTotals state)
    {
        if (state.CompletedAtMs == 0 || state.Progress != ReportProgress.Unspecified)
        {
            return (state, []);
        }

        var next = state.Clone();
        next.Progress = ReportProgress.Partial;
        return (next, [Write(sessionId, next)]);
    }

    private static void AddEvent(ReportTotals totals, SessionEvent e)
    {
        totals.Tenant = e.Tenant;
        switch (e.EventCase)
        {
            case SessionEvent.EventOneofCase.Started:
                totals.StartedAtMs = e.AtMs;
                totals.CandidateId = e.Started.CandidateId;
                totals.Position = e.Started.Position;
                totals.EmotionAllowed = e.Started.EmotionAllowed;
                totals.FramesAllowed = e.Started.FramesAllowed;
                break;
            case SessionEvent.EventOneofCase.QuestionAsked when e.QuestionAsked.Question is { Kind: AnswerKind.Spoken } spoken:
                if (!totals.SpokenQuestions.Contains(spoken.Index))
                {
                    totals.SpokenQuestions.Add(spoken.Index);
                }

                break;
            case SessionEvent.EventOneofCase.Interrupted:
                totals.Interruptions++;
                break;
            case SessionEvent.EventOneofCase.Resumed:
                totals.GapMs += e.Resumed.GapMs;
                break;
            case SessionEvent.EventOneofCase.Completed:
                totals.CompletedAtMs = e.AtMs;
                totals.FramesAcked = e.Completed.FramesAcked;
                totals.AnswersSubmitted = e.Completed.AnswersSubmitted;
                totals.TimedOut = e.Completed.TimedOut;
                break;
        }
    }

    private static List<string> Missing(ReportTotals totals)
    {
        var missing = new List<string>();
        var frames = totals.Emotions.Frames + totals.Emotions.FramesSkipped + totals.DeadFrames.Count;
        if ((totals.EmotionAllowed || totals.FramesAllowed) && frames < totals.FramesAcked)
        {
            missing.Add($"{totals.FramesAcked - frames} of {totals.FramesAcked} frames were not analysed in time");
        }

        if (totals.Scores.Count < totals.AnswersSubmitted)
        {
            missing.Add($"{totals.AnswersSubmitted - totals.Scores.Count} of {totals.AnswersSubmitted} answers were not scored in time");
        }

        // A spoken answer is scored from its transcript, yet the score may overtake it: they come on two topics.
        var unheard = totals.Scores.Keys.Count(q => totals.SpokenQuestions.Contains(q) && !totals.Speech.ContainsKey(q));
        if (unheard > 0)
        {
            missing.Add($"{unheard} transcript(s) did not arrive in time");
        }

        return missing;
    }

    private static InterviewReport Write(string sessionId, ReportTotals totals)
    {
        var scores = totals.Scores.OrderBy(s => s.Key).Select(s => s.Value).ToList();
        var mean = Emotions.Mean(totals.Emotions.Sum);
        var speechMs = totals.Speech.Values.Sum(s => s.SpeechMs);
        var audioMs = totals.Speech.Values.Sum(s => s.AudioMs);
        var technical = Average(scores, s => s.Technical);
        var communication = Average(scores, s => s.Communication);
        var emotion = ReportFormulas.Emotion(mean);
        var behaviour = ReportFormulas.Behaviour(totals.Emotions.Frames, totals.Emotions.FramesWithFace, speechMs, audioMs);
        var notes = Missing(totals);
        if (!totals.EmotionAllowed)
        {
            notes.Add("emotion was not analysed: consent or jurisdiction");
        }

        if (totals.DeadFrames.Count > 0)
        {
            notes.Add($"{totals.DeadFrames.Count} unreadable frame(s) lie in {Topics.DeadLetter(Topics.Frames)}");
        }

        if (totals.Emotions.FramesSkipped > 0)
        {
            notes.Add($"{totals.Emotions.FramesSkipped} of {totals.FramesAcked} frames were skipped under load");
        }

        if (totals.Interruptions > 0)
        {
            notes.Add($"the connection was lost {totals.Interruptions} time(s), {totals.GapMs} ms in all");
        }

        if (totals.TimedOut)
        {
            notes.Add("the candidate did not finish; the session was closed by time-out");
        }

        return new InterviewReport
        {
            SessionId = sessionId,
            Tenant = totals.Tenant,
            CandidateId = totals.CandidateId,
            Position = totals.Position,
            Overall = ReportFormulas.Overall(technical, communication, emotion, behaviour),
            Technical = technical,
            Communication = communication,
            Emotion = emotion ?? 0,
            Behaviour = behaviour ?? 0,
            Scores = { scores },
            MeanEmotion = mean,
            DominantEmotion = Emotions.Dominant(mean),
            FramesAnalysed = totals.Emotions.Frames,
            FramesWithFace = totals.Emotions.FramesWithFace,
            FramesDeadLettered = totals.DeadFrames.Count,
            Blinks = totals.Emotions.Blinks,
            SpeechMs = speechMs,
            AudioMs = audioMs,
            NeedsHumanReview = scores.Count == 0 || scores.Any(s => s.NeedsHumanReview) || notes.Count > 0,
            Notes = { notes },
            StartedAtMs = totals.StartedAtMs,
            CompletedAtMs = totals.CompletedAtMs,
        };
    }

    private static float Average(List<AnswerScored> scores, Func<AnswerScored, float> of) => scores.Count == 0 ? 0 : scores.Average(of);
}
