using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.State;

namespace StreamPlatform.Topology.Steps;

/// <summary>Adds events, transcripts and scores to what is known of a session. Each returns the same object when nothing has changed.</summary>
public static class ReportGathering
{
    private const int MaxMarks = 200;
    private const int MaxQuestions = 200;
    private const int MaxTasks = 16;
    private const string OtherTasks = "other";

    /// <summary>Adds an event of the session.</summary>
    public static ReportTotals Add(ReportTotals totals, SessionEvent e)
    {
        var next = totals.Clone();
        next.Tenant = e.Tenant;
        next.LatestMs = Math.Max(next.LatestMs, e.AtMs);
        next.Changed = true;
        switch (e.EventCase)
        {
            case SessionEvent.EventOneofCase.Started:
                next.StartedAtMs = e.AtMs;
                next.CandidateId = e.Started.CandidateId;
                next.Position = e.Started.Position;
                next.EmotionAllowed = e.Started.EmotionAllowed;
                next.FramesAllowed = e.Started.FramesAllowed;
                break;
            case SessionEvent.EventOneofCase.QuestionAsked when e.QuestionAsked.Question is { } question:
                Ask(next, question, e.AtMs);
                break;
            case SessionEvent.EventOneofCase.Interrupted:
                next.Interruptions++;
                Mark(next, new ReportMark { Kind = "interrupted", AtMs = e.AtMs, Text = $"connection lost: {e.Interrupted.Reason}" });
                break;
            case SessionEvent.EventOneofCase.Resumed:
                next.GapMs += e.Resumed.GapMs;
                Mark(next, new ReportMark { Kind = "resumed", AtMs = e.AtMs, Text = "connection restored", GapMs = e.Resumed.GapMs });
                break;
            case SessionEvent.EventOneofCase.LevelChanged:
                var level = e.LevelChanged;
                Mark(next, new ReportMark { Kind = "level", AtMs = e.AtMs, Text = $"level {level.FromLevel} to {level.ToLevel}: {level.Reason}", Level = level.ToLevel });
                break;
            case SessionEvent.EventOneofCase.ConsentChanged:
                Mark(next, new ReportMark
                {
                    Kind = "consent",
                    AtMs = e.AtMs,
                    Text = $"consent changed: emotion {Word(e.ConsentChanged.VideoEmotion)}, transcription {Word(e.ConsentChanged.AudioTranscription)}",
                });
                break;
            case SessionEvent.EventOneofCase.Completed:
                next.CompletedAtMs = e.AtMs;
                next.FramesAcked = e.Completed.FramesAcked;
                next.AnswersSubmitted = e.Completed.AnswersSubmitted;
                next.TimedOut = e.Completed.TimedOut;
                next.Marks.Add(new ReportMark { Kind = "completed", AtMs = e.AtMs, Text = e.Completed.TimedOut ? "closed by time-out" : "completed" });
                break;
        }

        return next;
    }

    /// <summary>Adds a whole transcript; of several the highest revision counts.</summary>
    public static ReportTotals Add(ReportTotals totals, TranscriptCompleted transcript, long atMs)
    {
        var heard = Heard(transcript);
        if (totals.Speech.TryGetValue(transcript.Question.Index, out var known) && (known.Revision > heard.Revision || known.Equals(heard)))
        {
            return totals;
        }

        var next = totals.Clone();
        next.Speech[transcript.Question.Index] = heard;
        next.LatestMs = Math.Max(next.LatestMs, atMs);
        next.Changed = true;
        return next;
    }

    /// <summary>Adds a score; of several for one answer the newest revision counts, and of the same revision the later one.</summary>
    public static ReportTotals Add(ReportTotals totals, AnswerScored score, long atMs)
    {
        if (totals.Scores.TryGetValue(score.QuestionIndex, out var known) && (known.Revision > score.Revision || known.Equals(score)))
        {
            return totals;
        }

        var next = totals.Clone();
        next.Scores[score.QuestionIndex] = score;
        if (score.CostUsd > 0 && !ScoreFacts.ByPerson(score))
        {
            next.ScoringUsd += score.CostUsd;
            next.ScoringCalls++;
        }

        next.LatestMs = Math.Max(next.LatestMs, atMs);
        next.Changed = true;
        return next;
    }

    /// <summary>Adds what an AI call cost.</summary>
    public static ReportTotals Add(ReportTotals totals, AiCallEnded call)
    {
        var next = totals.Clone();
        var task = next.Costs.ContainsKey(call.Task) || next.Costs.Count < MaxTasks - 1 ? call.Task : OtherTasks;
        var sum = next.Costs.GetValueOrDefault(task) ?? new CostTotals();
        next.Costs[task] = new CostTotals { Usd = sum.Usd + call.CostUsd, Calls = sum.Calls + 1 };
        next.LatestMs = Math.Max(next.LatestMs, call.EndedAtMs);
        next.Changed = true;
        return next;
    }

    private static SpeechTotals Heard(TranscriptCompleted transcript)
    {
        var words = transcript.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
        return new SpeechTotals
        {
            SpeechMs = transcript.SpeechMs,
            AudioMs = transcript.AudioMs,
            Words = words,
            Confidence = transcript.Confidence,
            Engine = transcript.Engine,
            Revision = transcript.Revision,
            CorrectedBy = transcript.CorrectedBy,
            WordsPerMinute = transcript.Features is { WordsPerMinute: > 0 } measured ? measured.WordsPerMinute : transcript.SpeechMs >= 1_000 ? words * 60_000f / transcript.SpeechMs : 0,
        };
    }

    private static void Ask(ReportTotals totals, Question question, long atMs)
    {
        if (question.Kind == AnswerKind.Spoken && !totals.SpokenQuestions.Contains(question.Index))
        {
            totals.SpokenQuestions.Add(question.Index);
        }

        if (totals.Questions.Any(q => q.Index == question.Index) || totals.Questions.Count >= MaxQuestions)
        {
            return; // shown again after a reconnect
        }

        totals.Questions.Add(new ReportQuestion { Index = question.Index, Id = question.Id, Text = question.Text, Kind = question.Kind, AskedAtMs = atMs });
        Mark(totals, new ReportMark { Kind = "question", AtMs = atMs, Text = $"question {question.Index + 1}" });
    }

    private static void Mark(ReportTotals totals, ReportMark mark)
    {
        if (totals.Marks.Count < MaxMarks)
        {
            totals.Marks.Add(mark);
        }
    }

    private static string Word(bool given) => given ? "yes" : "no";
}
