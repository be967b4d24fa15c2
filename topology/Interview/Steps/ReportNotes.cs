using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.State;

namespace StreamPlatform.Topology.Steps;

/// <summary>What the reader of a report must know before trusting it.</summary>
public static class ReportNotes
{
    private const int MaxOfAKind = 20;

    /// <summary>Part of the frames with a face from which on it is noted that they cannot be relied on.</summary>
    private const float UnreliableFrom = 0.2f;

    /// <summary>What has not arrived: frames, scores, transcripts. Empty = the session is complete.</summary>
    public static IReadOnlyList<IntegrityNote> Missing(ReportTotals totals, FaceTrack faces)
    {
        var missing = new List<IntegrityNote>();
        var frames = (faces.Totals?.Frames ?? 0) + (faces.Totals?.FramesSkipped ?? 0) + faces.DeadFrames.Count;
        if ((totals.EmotionAllowed || totals.FramesAllowed) && frames < totals.FramesAcked)
        {
            missing.Add(Note("missing", $"{totals.FramesAcked - frames} of {totals.FramesAcked} frames were not analysed in time"));
        }

        if (totals.Scores.Count < totals.AnswersSubmitted)
        {
            missing.Add(Note("missing", $"{totals.AnswersSubmitted - totals.Scores.Count} of {totals.AnswersSubmitted} answers were not scored in time"));
        }

        // A spoken answer is scored from its transcript, yet the score may overtake it: they come on two topics.
        var unheard = totals.Scores.Keys.Count(q => totals.SpokenQuestions.Contains(q) && !totals.Speech.ContainsKey(q));
        if (unheard > 0)
        {
            missing.Add(Note("missing", $"{unheard} transcript(s) did not arrive in time"));
        }

        return missing;
    }

    /// <summary>Every note of a session, those about the whole first, then by time. <paramref name="faces"/>: with its stretches closed.</summary>
    public static IReadOnlyList<IntegrityNote> All(ReportTotals totals, FaceTrack faces, ReportOptions options)
    {
        var notes = new List<IntegrityNote>(Missing(totals, faces));
        if (!totals.EmotionAllowed)
        {
            notes.Add(Note("not-analysed", "emotion was not analysed: consent or jurisdiction"));
        }

        if (faces.DeadFrames.Count > 0)
        {
            notes.Add(Note("unreadable-frames", $"{faces.DeadFrames.Count} unreadable frame(s) lie in {Topics.DeadLetter(Topics.Frames)}"));
        }

        if (faces.Totals is { FramesSkipped: > 0 } sampled)
        {
            notes.Add(Note("sampled", $"{sampled.FramesSkipped} of {totals.FramesAcked} frames were skipped under load"));
        }

        if (faces.FramesUnreliable > UnreliableFrom * (faces.Totals?.FramesWithFace ?? 0))
        {
            notes.Add(Note("unreliable", $"in {faces.FramesUnreliable} of {faces.Totals?.FramesWithFace ?? 0} frames with a face it was turned aside, dark or blurred: their emotion is not to be relied on"));
        }

        if (totals.Interruptions > 0)
        {
            notes.Add(Note("interrupted", $"the connection was lost {totals.Interruptions} time(s), {totals.GapMs} ms in all"));
        }

        if (totals.TimedOut)
        {
            notes.Add(Note("timed-out", "the candidate did not finish; the session was closed by time-out"));
        }

        notes.AddRange(Answers(totals, options));
        notes.AddRange(Timeline(totals, faces).OrderBy(n => n.FromMs));
        return notes;
    }

    private static IEnumerable<IntegrityNote> Answers(ReportTotals totals, ReportOptions options)
    {
        foreach (var (question, heard) in totals.Speech.OrderBy(s => s.Key))
        {
            if (heard.CorrectedBy.Length > 0)
            {
                yield return Note("corrected", $"question {question + 1}: the transcript was corrected by a person", question: question + 1);
            }
            else if (heard.Confidence < options.LowConfidence && heard.SpeechMs > 0)
            {
                yield return Note("low-confidence", $"question {question + 1}: the transcript's confidence is {Percent(heard.Confidence)}, below {Percent(options.LowConfidence)}", question: question + 1);
            }
        }

        foreach (var (question, score) in totals.Scores.OrderBy(s => s.Key))
        {
            if (ScoreFacts.Injection(score))
            {
                yield return Note("injection", $"question {question + 1}: the answer contains text addressed to the scorer", question: question + 1);
            }
        }
    }

    private static IEnumerable<IntegrityNote> Timeline(ReportTotals totals, FaceTrack faces)
    {
        foreach (var span in faces.FaceLost.Take(MaxOfAKind))
        {
            yield return Note("face-lost", $"no face for {Seconds(span)}", span);
        }

        foreach (var span in faces.SeveralFaces.Take(MaxOfAKind))
        {
            yield return Note("several-faces", $"more than one face for {Seconds(span)}", span);
        }

        foreach (var span in faces.FaceChanges.Take(MaxOfAKind))
        {
            yield return Note("face-changed", "another face took the candidate's place", span);
        }

        var lost = Interruptions(totals);
        foreach (var span in faces.CaptureGaps.Where(g => !lost.Any(l => l.FromMs < g.ToMs && g.FromMs < l.ToMs)).Take(MaxOfAKind))
        {
            yield return Note("capture-gap", $"no frame for {Seconds(span)} though the connection stood", span);
        }

        foreach (var mark in totals.Marks.Where(m => m.Kind == "level").Take(MaxOfAKind))
        {
            yield return Note("level", mark.Text, new TimeSpanMs { FromMs = mark.AtMs });
        }
    }

    // From each loss of the connection to the next restoration, or to the end.
    private static List<TimeSpanMs> Interruptions(ReportTotals totals)
    {
        var spans = new List<TimeSpanMs>();
        long since = 0;
        foreach (var mark in totals.Marks)
        {
            if (mark.Kind == "interrupted")
            {
                since = mark.AtMs;
            }
            else if (since > 0 && mark.Kind is "resumed" or "completed")
            {
                spans.Add(new TimeSpanMs { FromMs = since, ToMs = Math.Max(mark.AtMs, since + mark.GapMs) });
                since = 0;
            }
        }

        return spans;
    }

    private static IntegrityNote Note(string kind, string text, TimeSpanMs? span = null, int question = 0) =>
        new() { Kind = kind, Text = text, FromMs = span?.FromMs ?? 0, ToMs = span?.ToMs ?? 0, Question = question };

    private static string Seconds(TimeSpanMs span) => FormattableString.Invariant($"{(span.ToMs - span.FromMs) / 1000.0:0.#} s");

    private static string Percent(float part) => FormattableString.Invariant($"{100 * part:0.#} %");
}
