using Google.Protobuf;
using StreamPlatform.Gateway.Capture;
using StreamPlatform.Gateway.Results;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Gateway.Live;

/// <summary>Records of the topics as the live socket shows them.</summary>
public static class LiveMessages
{
    /// <summary>The JSON object of a record; null for one that is not shown.</summary>
    public static object? From(IMessage value) => value switch
    {
        EmotionObserved { Skipped: true } => null,
        EmotionObserved emotion => new
        {
            type = "emotion", sequence = emotion.Sequence, capturedAtMs = emotion.CapturedAtMs, questionIndex = emotion.QuestionIndex,
            faceCount = emotion.FaceCount, probabilities = Probabilities(emotion.Probabilities), dominant = emotion.Dominant,
            eyesClosed = emotion.EyesClosed,
        },
        EmotionWindow window => new { type = "window", window = Window(window) },
        Transcript { Segment: { } segment } => new { type = "segment", segment = Segment(segment) },
        Transcript { Completed: { } completed } => new { type = "transcript", transcript = TranscriptRow.Of(completed) },
        AnswerSubmitted answer => new { type = "answer", answer = Answer(answer) },
        AnswerScored score => new { type = "score", score = Score(score) },
        InterviewReport report => new { type = "report", report = Report(report) },
        SessionEvent happened => Event(happened),
        _ => null,
    };

    public static Probabilities? Probabilities(EmotionProbabilities? p) =>
        p is null ? null : new(p.Angry, p.Disgust, p.Fear, p.Happy, p.Sad, p.Surprise, p.Neutral);

    public static AnswerRow Answer(AnswerSubmitted a) => new(
        a.AnswerId, a.Question?.Index ?? 0, a.Question?.Id ?? "", a.Question?.Text ?? "", ServerMessages.Kind(a.Kind), a.Text, a.AudioChunks,
        a.StartedAtMs, a.SubmittedAtMs);

    public static WindowRow Window(EmotionWindow w) => new(
        w.StartMs, w.EndMs, w.FramesAnalysed, w.FramesWithFace, w.FaceRatio, Probabilities(w.Mean), w.Dominant, w.Blinks,
        FramesCaptured: w.FramesCaptured, FramesSkipped: w.FramesSkipped);

    public static SegmentRow Segment(TranscriptSegment s) => new(
        s.SegmentId, s.QuestionIndex, s.SegmentIndex, s.StartMs, s.EndMs, s.Text, s.Confidence, s.Engine, s.Interim);

    public static ScoreRow Score(AnswerScored s) => new(
        s.AnswerId, s.QuestionIndex, s.QuestionId, s.Technical, s.Communication, s.Feedback, s.Evidence, s.Engine, s.RubricVersion,
        s.NeedsHumanReview, s.ReviewReason, s.ScoredAtMs);

    public static ReportRow Report(InterviewReport r) => new(
        r.Overall, r.Technical, r.Communication, r.Emotion, r.Behaviour, r.DominantEmotion, Probabilities(r.MeanEmotion), r.FramesAnalysed,
        r.FramesWithFace, r.FramesDeadLettered, r.Blinks, r.SpeechMs, r.AudioMs, r.NeedsHumanReview, r.Notes, r.StartedAtMs, r.CompletedAtMs);

    private static object Event(SessionEvent e) => e.EventCase switch
    {
        SessionEvent.EventOneofCase.Started => new
        {
            type = "event", name = "started", atMs = e.AtMs, questionCount = e.Started.QuestionCount, emotionAllowed = e.Started.EmotionAllowed,
        },
        SessionEvent.EventOneofCase.QuestionAsked => new
        {
            type = "event", name = "question-asked", atMs = e.AtMs, question = ServerMessages.View(e.QuestionAsked.Question),
        },
        SessionEvent.EventOneofCase.Interrupted => new { type = "event", name = "interrupted", atMs = e.AtMs, reason = e.Interrupted.Reason },
        SessionEvent.EventOneofCase.Resumed => new { type = "event", name = "resumed", atMs = e.AtMs, gapMs = e.Resumed.GapMs },
        SessionEvent.EventOneofCase.Completed => new
        {
            type = "event", name = "completed", atMs = e.AtMs, framesAcked = e.Completed.FramesAcked,
            audioChunksAcked = e.Completed.AudioChunksAcked, answersSubmitted = e.Completed.AnswersSubmitted, timedOut = e.Completed.TimedOut,
        },
        SessionEvent.EventOneofCase.LevelChanged => new
        {
            type = "event", name = "level-changed", atMs = e.AtMs, fromLevel = e.LevelChanged.FromLevel, toLevel = e.LevelChanged.ToLevel,
            media = e.LevelChanged.Media, reason = e.LevelChanged.Reason,
        },
        SessionEvent.EventOneofCase.ConsentChanged => new
        {
            type = "event", name = "consent-changed", atMs = e.AtMs, videoEmotion = e.ConsentChanged.VideoEmotion,
            audioTranscription = e.ConsentChanged.AudioTranscription, facePresence = e.ConsentChanged.FacePresence, blink = e.ConsentChanged.Blink, recording = e.ConsentChanged.Recording,
        },
        _ => new { type = "event", name = "unknown", atMs = e.AtMs },
    };
}
