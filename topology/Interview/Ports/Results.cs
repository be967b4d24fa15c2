using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Topology.Ports;

/// <summary>Stored interviews, as the results API shows them. Times are Unix milliseconds.</summary>
public interface IResultsReader
{
    /// <summary>The newest <paramref name="limit"/> sessions, newest first.</summary>
    Task<IReadOnlyList<SessionRow>> ListSessionsAsync(int limit, CancellationToken cancellationToken) => ListSessionsAsync(new SessionPage(limit), cancellationToken);

    /// <summary>One page of sessions, newest first; the page after a row begins before it, however many rows were added meanwhile.</summary>
    Task<IReadOnlyList<SessionRow>> ListSessionsAsync(SessionPage page, CancellationToken cancellationToken);

    /// <summary>All that is stored of a session; null when it is not stored (yet).</summary>
    Task<InterviewResults?> GetResultsAsync(string sessionId, CancellationToken cancellationToken);

    /// <summary>The newest revision of a session's report, whole; null when none is stored (yet).</summary>
    Task<InterviewReport?> GetReportAsync(string sessionId, CancellationToken cancellationToken) => Task.FromResult<InterviewReport?>(null);
}

/// <summary>Which sessions.</summary>
/// <param name="Limit">1..500.</param>
/// <param name="BeforeMs">Creation time of the last row seen, Unix milliseconds; null = from the newest.</param>
/// <param name="BeforeId">Session id of the last row seen: several sessions may share a millisecond.</param>
/// <param name="Status">Only those of this status; empty = all.</param>
public sealed record SessionPage(int Limit, long? BeforeMs = null, string BeforeId = "", string Status = "");

/// <summary>A page of a list: what comes after the row of this time and key, in the list's order.</summary>
/// <param name="Limit">1..500.</param>
/// <param name="AfterMs">Unix milliseconds; null = the list's beginning.</param>
/// <param name="AfterId">Key of the last row seen.</param>
public sealed record ListPage(int Limit, long? AfterMs = null, string AfterId = "");

/// <summary>A session's row.</summary>
/// <param name="Status">created, active, interrupted, completed or expired.</param>
public sealed record SessionRow(
    string SessionId, string Tenant, string CandidateId, string CandidateName, string Position, string Jurisdiction, string Status,
    int QuestionIndex, int QuestionCount, long CreatedAtMs, long UpdatedAtMs);

/// <summary>All that is stored of an interview.</summary>
/// <param name="EmotionRows">Rows of the emotion series: frames analysed.</param>
/// <param name="Report">Null until the report is there.</param>
public sealed record InterviewResults(
    SessionRow Session, IReadOnlyList<AnswerRow> Answers, IReadOnlyList<TranscriptRow> Transcripts, IReadOnlyList<SegmentRow> Segments,
    IReadOnlyList<ScoreRow> Scores, IReadOnlyList<WindowRow> Windows, long EmotionRows, string EmotionStore, ReportRow? Report);

/// <param name="Kind">typed or spoken.</param>
public sealed record AnswerRow(
    string AnswerId, int QuestionIndex, string QuestionId, string QuestionText, string Kind, string Text, long AudioChunks, long StartedAtMs, long SubmittedAtMs);

/// <param name="NeedsCorrection">A person should correct the text.</param>
/// <param name="Revision">0 as heard; counts corrections.</param>
/// <param name="CorrectedBy">Empty in revision 0.</param>
/// <param name="Features">How it was said.</param>
public sealed record TranscriptRow(
    int QuestionIndex, string Text, float Confidence, string Engine, long SpeechMs, long AudioMs, int Segments, long CompletedAtMs,
    bool NeedsCorrection = false, int Revision = 0, string CorrectedBy = "", FeaturesRow? Features = null)
{
    /// <summary>The event as a row.</summary>
    public static TranscriptRow Of(TranscriptCompleted t) => new(
        t.Question?.Index ?? 0, t.Text, t.Confidence, t.Engine, t.SpeechMs, t.AudioMs, t.Segments, t.CompletedAtMs, t.NeedsCorrection, t.Revision,
        t.CorrectedBy, t.Features is { } f ? new(f.OnsetMs, f.Pauses, f.LongestPauseMs, f.Words, f.WordsPerMinute) : null);
}

/// <summary>How an answer was spoken; talk time is the transcript's SpeechMs, silence the rest of AudioMs. Formulas: docs/transcription.md.</summary>
public sealed record FeaturesRow(long OnsetMs, int Pauses, long LongestPauseMs, int Words, float WordsPerMinute);

/// <param name="StartMs">From the answer's first sample, milliseconds.</param>
/// <param name="EndMs">From the answer's first sample, milliseconds.</param>
/// <param name="Interim">Heard while the segment is open; the final one of the same id replaces it. Never stored.</param>
public sealed record SegmentRow(
    string SegmentId, int QuestionIndex, int SegmentIndex, long StartMs, long EndMs, string Text, float Confidence, string Engine, bool Interim = false);

public sealed record ScoreRow(
    string AnswerId, int QuestionIndex, string QuestionId, float Technical, float Communication, string Feedback, IReadOnlyList<string> Evidence,
    string Engine, string RubricVersion, bool NeedsHumanReview, string ReviewReason, long ScoredAtMs);

/// <summary>The seven classes, 0..1.</summary>
public sealed record Probabilities(float Angry, float Disgust, float Fear, float Happy, float Sad, float Surprise, float Neutral);

/// <param name="Mean">Null when no frame had a face.</param>
/// <param name="StoredAtMs">When the row was first written (the end of capture to window); 0 = not stored yet.</param>
/// <param name="FramesCaptured">Frames that reached the analysis: analysed and skipped.</param>
/// <param name="FramesSkipped">Frames not analysed because of load.</param>
public sealed record WindowRow(
    long StartMs, long EndMs, int FramesAnalysed, int FramesWithFace, float FaceRatio, Probabilities? Mean, string Dominant, int Blinks, long StoredAtMs = 0,
    int FramesCaptured = 0, int FramesSkipped = 0);

public sealed record ReportRow(
    float Overall, float Technical, float Communication, float Emotion, float Behaviour, string DominantEmotion, Probabilities? MeanEmotion,
    long FramesAnalysed, long FramesWithFace, long FramesDeadLettered, int Blinks, long SpeechMs, long AudioMs, bool NeedsHumanReview,
    IReadOnlyList<string> Notes, long StartedAtMs, long CompletedAtMs);
