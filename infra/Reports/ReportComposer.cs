using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Reports;

/// <summary>Joins a session's report with what the store holds beside it: names, texts of the answers, windows.</summary>
public static class ReportComposer
{
    private const int WindowMs = 10_000;

    /// <summary>The report as it is served.</summary>
    public static ReportDocument Compose(InterviewReport report, InterviewResults stored)
    {
        var answers = Answers(report, stored);
        return new ReportDocument(
            1, report.SessionId, report.Tenant, report.CandidateId, stored.Session.CandidateName, report.Position, stored.Session.Jurisdiction, stored.Session.Status,
            report.StartedAtMs, report.CompletedAtMs,
            new ReportRevision(Math.Max(1, report.Revision), report.RevisionReason, report.RevisedAtMs, report.Partial),
            Numbers(report), Review(report), answers, Frames(report), Speech(report), Timeline(report, stored),
            [.. report.Integrity.Select(Note)],
            [.. report.Versions.Select(v => new ReportVersion(v.Part, v.Name, v.Version, v.Uses))],
            new ReportCostTotal(report.CostUsd, [.. report.Costs.Select(c => new ReportCostPart(c.Part, c.Usd, c.Calls))]));
    }

    private static ReportNumbers Numbers(InterviewReport r) => new(
        r.Overall, r.Technical, r.Communication, r.EmotionKnown ? r.Emotion : null, r.BehaviourKnown ? r.Behaviour : null,
        r.FramesAnalysed > 0 ? r.FaceScore : null, r.AudioMs > 0 ? r.TalkScore : null, r.WordsPerMinute > 0 ? r.PaceScore : null);

    private static ReportReview Review(InterviewReport r)
    {
        var confirmed = r.Scores.Count > 0 && r.AnswersScoredByPerson == r.Scores.Count;
        var state = r.NeedsHumanReview ? "pending" : confirmed ? "confirmed" : "clear";
        return new ReportReview(state, r.NeedsHumanReview, r.Scores.Count(s => s.NeedsHumanReview), r.AnswersScoredByPerson);
    }

    private static List<ReportedAnswer> Answers(InterviewReport report, InterviewResults stored)
    {
        var asked = report.Questions.ToDictionary(q => q.Index);
        var scores = report.Scores.ToDictionary(s => s.QuestionIndex);
        var given = stored.Answers.ToLookup(a => a.QuestionIndex);
        var heard = stored.Transcripts.ToLookup(t => t.QuestionIndex);
        return
        [
            .. asked.Keys.Union(scores.Keys).Union(given.Select(g => g.Key)).Order().Select(index =>
            {
                var question = asked.GetValueOrDefault(index);
                var answer = given[index].LastOrDefault();
                var score = scores.GetValueOrDefault(index);
                var transcript = heard[index].LastOrDefault();
                var spoken = question is { Kind: AnswerKind.Spoken } || (question is null && answer?.Kind == "spoken");
                return new ReportedAnswer(
                    index, question?.Id ?? answer?.QuestionId ?? score?.QuestionId ?? "", question?.Text ?? answer?.QuestionText ?? "", spoken ? "spoken" : "typed",
                    question?.AskedAtMs ?? 0, transcript?.Text ?? answer?.Text ?? "", SpeechOf(question, transcript), score is null ? null : Score(score));
            }),
        ];
    }

    private static ReportedSpeech? SpeechOf(ReportQuestion? question, TranscriptRow? transcript) => (question, transcript) switch
    {
        ({ Transcribed: true } q, _) => new(q.Engine, q.Confidence, q.SpeechMs, Math.Max(0, q.AudioMs - q.SpeechMs), q.AudioMs, q.Words, Known(q.WordsPerMinute)),
        (_, { } t) => new(t.Engine, t.Confidence, t.SpeechMs, Math.Max(0, t.AudioMs - t.SpeechMs), t.AudioMs, Words(t.Text), null),
        _ => null,
    };

    private static ReportedScore Score(AnswerScored s) => new(
        s.Technical, s.Communication, s.Feedback, s.Evidence, s.Engine, s.Model, s.RubricVersion, s.PromptVersion, s.Flags,
        s.Revision, s.NeedsHumanReview, s.ReviewReason, s.ScoredAtMs, s.CostUsd,
        s.Override is { } by
            ? new ReportedOverride(by.Reviewer, by.Reason, by.DecidedAtMs, by.PreviousTechnical, by.PreviousCommunication, by.PreviousEngine)
            : null);

    private static ReportFrames Frames(InterviewReport r) => new(
        Math.Max(r.FramesAcked, r.FramesAnalysed + r.FramesSkipped + r.FramesDeadLettered), r.FramesAnalysed, r.FramesWithFace, r.FramesWithSeveralFaces, r.FramesDeadLettered,
        r.FramesSkipped, r.Blinks,
        r.DominantEmotion, r.MeanEmotion is { } m ? new Probabilities(m.Angry, m.Disgust, m.Fear, m.Happy, m.Sad, m.Surprise, m.Neutral) : null);

    private static ReportSpeech Speech(InterviewReport r) =>
        new(r.SpeechMs, Math.Max(0, r.AudioMs - r.SpeechMs), r.AudioMs, r.Questions.Sum(q => q.Words), Known(r.WordsPerMinute));

    private static ReportTimeline Timeline(InterviewReport report, InterviewResults stored) => new(
        WindowMs, stored.Windows.Sum(w => (long)w.FramesAnalysed) >= report.FramesAnalysed,
        [.. stored.Windows.Select(w => new ReportWindow(w.StartMs, w.EndMs, w.FramesAnalysed, Math.Max(w.FramesCaptured, w.FramesAnalysed), w.FramesWithFace, w.FaceRatio, w.Mean, w.Dominant, w.Blinks))],
        [.. report.Marks.Select(m => new ReportEvent(m.Kind, m.AtMs, m.Text, m.GapMs, m.Level))]);

    private static ReportNote Note(IntegrityNote note) =>
        new(note.Kind, note.Text, note.FromMs > 0 ? note.FromMs : null, note.ToMs > 0 ? note.ToMs : null, note.Question > 0 ? note.Question : null);

    private static float? Known(float value) => value > 0 ? value : null;

    private static int Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
}
