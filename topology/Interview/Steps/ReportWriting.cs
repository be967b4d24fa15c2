using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.State;

namespace StreamPlatform.Topology.Steps;

/// <summary>The report of what is known of a session. Formulas: <see cref="ReportFormulas"/>, docs/report.md.</summary>
public static class ReportWriting
{
    /// <summary>Makes the report.</summary>
    /// <param name="sessionId">Session.</param>
    /// <param name="totals">All of it but its frames; its revision is the report's.</param>
    /// <param name="track">Its frames.</param>
    /// <param name="reason">What makes this revision necessary.</param>
    /// <param name="atMs">Event time of that, Unix milliseconds.</param>
    /// <param name="options">Thresholds of the notes.</param>
    public static InterviewReport Write(string sessionId, ReportTotals totals, FaceTrack track, string reason, long atMs, ReportOptions options)
    {
        var faces = ReportFaces.Closed(track, options);
        var seen = faces.Totals ?? new WindowTotals();
        var scores = totals.Scores.OrderBy(s => s.Key).Select(s => s.Value).ToList();
        var mean = Emotions.Mean(seen.Sum);
        var speechMs = totals.Speech.Values.Sum(s => s.SpeechMs);
        var audioMs = totals.Speech.Values.Sum(s => s.AudioMs);
        var rate = Rate(totals.Speech.Values);
        var technical = Average(scores, s => s.Technical);
        var communication = Average(scores, s => s.Communication);
        var emotion = ReportFormulas.Emotion(mean);
        var (face, talk, pace) = (ReportFormulas.Face(seen.Frames - seen.FramesWithoutPresence, seen.FramesWithFace), ReportFormulas.Talk(speechMs, audioMs), ReportFormulas.Pace(rate));
        var behaviour = ReportFormulas.Behaviour(face, talk, pace);
        var notes = ReportNotes.All(totals, faces, options);
        var byPerson = scores.Count(ScoreFacts.ByPerson);
        var costs = ReportProvenance.Costs(totals);
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
            EmotionKnown = emotion is not null,
            Behaviour = behaviour ?? 0,
            BehaviourKnown = behaviour is not null,
            FaceScore = face ?? 0,
            TalkScore = talk ?? 0,
            PaceScore = pace ?? 0,
            WordsPerMinute = rate,
            Scores = { scores },
            MeanEmotion = mean,
            DominantEmotion = Emotions.Dominant(mean),
            FramesAnalysed = seen.Frames,
            FramesWithFace = seen.FramesWithFace,
            FramesWithSeveralFaces = faces.FramesWithSeveralFaces,
            FramesDeadLettered = faces.DeadFrames.Count,
            FramesSkipped = seen.FramesSkipped,
            FramesAcked = totals.FramesAcked,
            Blinks = seen.Blinks,
            SpeechMs = speechMs,
            AudioMs = audioMs,
            AnswersSubmitted = totals.AnswersSubmitted,
            AnswersScoredByPerson = byPerson,
            // Whoever set every score has seen the notes; before that they are for a person to weigh.
            NeedsHumanReview = scores.Count == 0 || scores.Any(s => s.NeedsHumanReview) || (notes.Count > 0 && byPerson < scores.Count),
            Notes = { notes.Select(n => n.Text) },
            Integrity = { notes },
            Questions = { Questions(totals) },
            Marks = { totals.Marks.OrderBy(m => m.AtMs) },
            Versions = { ReportProvenance.Versions(totals, faces, scores) },
            Costs = { costs },
            CostUsd = costs.Sum(c => c.Usd),
            StartedAtMs = totals.StartedAtMs,
            CompletedAtMs = totals.CompletedAtMs,
            Revision = totals.Revision,
            RevisionReason = reason,
            RevisedAtMs = atMs,
            Partial = totals.Progress == ReportProgress.Partial,
        };
    }

    private static IEnumerable<ReportQuestion> Questions(ReportTotals totals) =>
        totals.Questions.OrderBy(q => q.Index).Select(asked =>
        {
            var question = asked.Clone();
            if (totals.Speech.TryGetValue(asked.Index, out var heard))
            {
                question.Transcribed = true;
                (question.SpeechMs, question.AudioMs, question.Words) = (heard.SpeechMs, heard.AudioMs, heard.Words);
                (question.WordsPerMinute, question.Confidence, question.Engine) = (heard.WordsPerMinute, heard.Confidence, heard.Engine);
            }

            return question;
        });

    // Mean over the answers whose rate is known, weighted by their speech.
    private static float Rate(IEnumerable<SpeechTotals> answers)
    {
        var known = answers.Where(a => a is { WordsPerMinute: > 0, SpeechMs: > 0 }).ToList();
        var speech = known.Sum(a => (double)a.SpeechMs);
        return speech > 0 ? (float)(known.Sum(a => a.WordsPerMinute * (double)a.SpeechMs) / speech) : 0;
    }

    private static float Average(List<AnswerScored> scores, Func<AnswerScored, float> of) => scores.Count == 0 ? 0 : scores.Average(of);
}
