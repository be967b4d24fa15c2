using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Reports;

/// <summary>A report as it is served: JSON, page and PDF show the same. Times are Unix milliseconds, scores 0..100; null = not known. Fields: docs/report.md.</summary>
/// <param name="Schema">Version of this form, now 1; fields are only ever added.</param>
public sealed record ReportDocument(
    int Schema, string SessionId, string Tenant, string CandidateId, string CandidateName, string Position, string Jurisdiction, string Status,
    long StartedAtMs, long CompletedAtMs, ReportRevision Revision, ReportNumbers Scores, ReportReview Review, IReadOnlyList<ReportedAnswer> Answers,
    ReportFrames Frames, ReportSpeech Speech, ReportTimeline Timeline, IReadOnlyList<ReportNote> Integrity, IReadOnlyList<ReportVersion> Versions, ReportCostTotal Cost);

/// <param name="Partial">Parts were still missing when it was written.</param>
public sealed record ReportRevision(int Number, string Reason, long AtMs, bool Partial);

public sealed record ReportNumbers(
    float Overall, float Technical, float Communication, float? Emotion, float? Behaviour, float? Face, float? Talk, float? Pace);

/// <param name="State">"pending" (a person must look), "confirmed" (a person set every score) or "clear" (nothing to look at).</param>
/// <param name="AnswersPending">Answers whose score waits for a person.</param>
public sealed record ReportReview(string State, bool NeedsHumanReview, int AnswersPending, int AnswersScoredByPerson);

/// <param name="Kind">typed or spoken.</param>
/// <param name="Text">Typed answer or transcript; empty when it is not stored (yet).</param>
/// <param name="Speech">Null for typed answers.</param>
/// <param name="Score">Null when the answer is not scored.</param>
public sealed record ReportedAnswer(
    int QuestionIndex, string QuestionId, string Question, string Kind, long AskedAtMs, string Text, ReportedSpeech? Speech, ReportedScore? Score);

/// <param name="Confidence">Of the transcript, 0..1.</param>
public sealed record ReportedSpeech(string Engine, float Confidence, long SpeechMs, long SilenceMs, long AudioMs, int Words, float? WordsPerMinute);

/// <param name="Model">Empty when no model was asked.</param>
/// <param name="PromptVersion">Empty when no model was asked.</param>
/// <param name="Override">Null when an engine's score is in force.</param>
public sealed record ReportedScore(
    float Technical, float Communication, string Feedback, IReadOnlyList<string> Evidence, string Engine, string Model, string RubricVersion, string PromptVersion,
    IReadOnlyList<string> Flags, int Revision, bool NeedsHumanReview, string ReviewReason, long ScoredAtMs, double CostUsd, ReportedOverride? Override);

public sealed record ReportedOverride(string By, string Reason, long AtMs, float PreviousTechnical, float PreviousCommunication, string PreviousEngine);

public sealed record ReportFrames(
    long Acked, long Analysed, long WithFace, long WithSeveralFaces, long DeadLettered, long Skipped, int Blinks, string DominantEmotion, Probabilities? MeanEmotion);

public sealed record ReportSpeech(long SpeechMs, long SilenceMs, long AudioMs, int Words, float? WordsPerMinute);

/// <param name="WindowMs">Length of a window.</param>
/// <param name="Complete">Every analysed frame is in a window: false for some seconds after an interview.</param>
public sealed record ReportTimeline(int WindowMs, bool Complete, IReadOnlyList<ReportWindow> Windows, IReadOnlyList<ReportEvent> Events);

/// <param name="FramesCaptured">Analysed and skipped under load.</param>
/// <param name="Mean">Null when no frame had a face.</param>
public sealed record ReportWindow(long StartMs, long EndMs, int FramesAnalysed, int FramesCaptured, int FramesWithFace, float FaceRatio, Probabilities? Mean, string Dominant, int Blinks);

/// <param name="Kind">question, interrupted, resumed, level, consent or completed.</param>
public sealed record ReportEvent(string Kind, long AtMs, string Text, long GapMs, int Level);

/// <param name="FromMs">Null when it is about no moment.</param>
/// <param name="ToMs">Null when it is about no stretch of time.</param>
/// <param name="Question">Number from 1; null when it is about none in particular.</param>
public sealed record ReportNote(string Kind, string Text, long? FromMs, long? ToMs, int? Question);

/// <param name="Uses">Answers it served; 0 = not counted.</param>
public sealed record ReportVersion(string Part, string Name, string Version, int Uses);

public sealed record ReportCostTotal(double TotalUsd, IReadOnlyList<ReportCostPart> Parts);

public sealed record ReportCostPart(string Part, double Usd, int Calls);
