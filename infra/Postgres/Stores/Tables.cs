using Google.Protobuf;
using StreamPlatform.Schemas.V1;
using static StreamPlatform.Postgres.Stores.Columns;

namespace StreamPlatform.Postgres.Stores;

/// <summary>How each record becomes a row: one place for the names that the migrations create.</summary>
internal static class Tables
{
    private static readonly JsonFormatter Json = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));

    public static readonly TableWriter<SessionState> Tenants = new("tenants", null, Key<SessionState>("tenant", s => s.Tenant));

    // A candidate's and a session's newest state wins, whatever the order of arrival.
    public static readonly TableWriter<SessionState> Candidates = new("candidates", "excluded.updated_at >= candidates.updated_at",
        Key<SessionState>("tenant", s => s.Tenant),
        Key<SessionState>("candidate_id", s => s.CandidateId),
        Text<SessionState>("name", s => s.CandidateName),
        Text<SessionState>("status", s => s.Status.ToString().ToLowerInvariant()),
        At<SessionState>("updated_at", s => s.UpdatedAtMs));

    public static readonly TableWriter<SessionState> Sessions = new("interview_sessions", "excluded.updated_at >= interview_sessions.updated_at",
        Key<SessionState>("session_id", s => s.SessionId),
        TimeKey<SessionState>("created_at", s => s.CreatedAtMs),
        Text<SessionState>("tenant", s => s.Tenant),
        Text<SessionState>("candidate_id", s => s.CandidateId),
        Text<SessionState>("candidate_name", s => s.CandidateName),
        Text<SessionState>("position", s => s.Position),
        Text<SessionState>("jurisdiction", s => s.Jurisdiction),
        Bool<SessionState>("consent_video_emotion", s => s.Consents?.VideoEmotion ?? false),
        Bool<SessionState>("consent_face_presence", s => s.Consents?.FacePresence ?? false),
        Bool<SessionState>("consent_blink", s => s.Consents?.Blink ?? false),
        Bool<SessionState>("consent_audio_transcription", s => s.Consents?.AudioTranscription ?? false),
        AtOrNothing<SessionState>("consent_given_at", s => s.Consents?.GivenAtMs ?? 0),
        Text<SessionState>("status", s => s.Status.ToString().ToLowerInvariant()),
        Int<SessionState>("degradation_level", s => s.DegradationLevel),
        Int<SessionState>("question_index", s => s.QuestionIndex),
        Int<SessionState>("question_count", s => s.Questions.Count),
        JsonText<SessionState>("questions", s => $"[{string.Join(',', s.Questions.Select(question => Json.Format(question)))}]"),
        At<SessionState>("updated_at", s => s.UpdatedAtMs));

    public static readonly TableWriter<SessionEvent> Events = new("session_events", null,
        Key<SessionEvent>("session_id", e => e.SessionId),
        Key<SessionEvent>("event_id", e => e.EventId),
        Text<SessionEvent>("tenant", e => e.Tenant),
        At<SessionEvent>("at", e => e.AtMs),
        Text<SessionEvent>("kind", e => e.EventCase.ToString()),
        JsonText<SessionEvent>("detail", Json.Format));

    public static readonly TableWriter<AnswerSubmitted> Answers = new("answers", null,
        Key<AnswerSubmitted>("answer_id", a => a.AnswerId),
        Text<AnswerSubmitted>("session_id", a => a.SessionId),
        Text<AnswerSubmitted>("tenant", a => a.Tenant),
        Int<AnswerSubmitted>("question_index", a => a.Question?.Index ?? 0),
        Text<AnswerSubmitted>("question_id", a => a.Question?.Id ?? ""),
        Text<AnswerSubmitted>("question_text", a => a.Question?.Text ?? ""),
        Text<AnswerSubmitted>("kind", a => a.Kind.ToString().ToLowerInvariant()),
        Text<AnswerSubmitted>("text", a => a.Text),
        Long<AnswerSubmitted>("audio_chunks", a => a.AudioChunks),
        At<AnswerSubmitted>("started_at", a => a.StartedAtMs),
        At<AnswerSubmitted>("submitted_at", a => a.SubmittedAtMs));

    // The highest revision is valid, whatever the order of arrival.
    public static readonly TableWriter<TranscriptCompleted> Transcripts = new("transcripts", "excluded.revision >= transcripts.revision",
        Key<TranscriptCompleted>("answer_id", t => t.AnswerId),
        Text<TranscriptCompleted>("session_id", t => t.SessionId),
        Text<TranscriptCompleted>("tenant", t => t.Tenant),
        Int<TranscriptCompleted>("question_index", t => t.Question?.Index ?? 0),
        Text<TranscriptCompleted>("text", t => t.Text),
        Real<TranscriptCompleted>("confidence", t => t.Confidence),
        Text<TranscriptCompleted>("engine", t => t.Engine),
        Long<TranscriptCompleted>("speech_ms", t => t.SpeechMs),
        Long<TranscriptCompleted>("audio_ms", t => t.AudioMs),
        Int<TranscriptCompleted>("segments", t => t.Segments),
        At<TranscriptCompleted>("completed_at", t => t.CompletedAtMs),
        Bool<TranscriptCompleted>("needs_correction", t => t.NeedsCorrection),
        Int<TranscriptCompleted>("revision", t => t.Revision),
        Text<TranscriptCompleted>("corrected_by", t => t.CorrectedBy),
        Text<TranscriptCompleted>("correction_reason", t => t.CorrectionReason),
        JsonText<TranscriptCompleted>("question", t => Json.Format(t.Question ?? new Question())),
        Long<TranscriptCompleted>("onset_ms", t => t.Features?.OnsetMs ?? 0),
        Int<TranscriptCompleted>("pauses", t => t.Features?.Pauses ?? 0),
        Long<TranscriptCompleted>("longest_pause_ms", t => t.Features?.LongestPauseMs ?? 0),
        Int<TranscriptCompleted>("words", t => t.Features?.Words ?? 0),
        Real<TranscriptCompleted>("words_per_minute", t => t.Features?.WordsPerMinute ?? 0));

    public static readonly TableWriter<TranscriptCompleted> TranscriptRevisions = new("transcript_revisions", null,
        Key<TranscriptCompleted>("answer_id", t => t.AnswerId),
        IntKey<TranscriptCompleted>("revision", t => t.Revision),
        Text<TranscriptCompleted>("session_id", t => t.SessionId),
        Text<TranscriptCompleted>("tenant", t => t.Tenant),
        Text<TranscriptCompleted>("text", t => t.Text),
        Real<TranscriptCompleted>("confidence", t => t.Confidence),
        Text<TranscriptCompleted>("engine", t => t.Engine),
        Text<TranscriptCompleted>("corrected_by", t => t.CorrectedBy),
        Text<TranscriptCompleted>("correction_reason", t => t.CorrectionReason));

    public static readonly TableWriter<TranscriptSegment> Segments = new("transcript_segments", null,
        Key<TranscriptSegment>("segment_id", s => s.SegmentId),
        Text<TranscriptSegment>("session_id", s => s.SessionId),
        Text<TranscriptSegment>("tenant", s => s.Tenant),
        Int<TranscriptSegment>("question_index", s => s.QuestionIndex),
        Int<TranscriptSegment>("segment_index", s => s.SegmentIndex),
        Long<TranscriptSegment>("start_ms", s => s.StartMs),
        Long<TranscriptSegment>("end_ms", s => s.EndMs),
        Text<TranscriptSegment>("text", s => s.Text),
        Real<TranscriptSegment>("confidence", s => s.Confidence),
        Text<TranscriptSegment>("engine", s => s.Engine));

    public static readonly TableWriter<AnswerScored> Scores = new("scores", "excluded.revision >= scores.revision",
        Key<AnswerScored>("answer_id", s => s.AnswerId),
        Text<AnswerScored>("session_id", s => s.SessionId),
        Text<AnswerScored>("tenant", s => s.Tenant),
        Text<AnswerScored>("question_id", s => s.QuestionId),
        Int<AnswerScored>("question_index", s => s.QuestionIndex),
        Real<AnswerScored>("technical", s => s.Technical),
        Real<AnswerScored>("communication", s => s.Communication),
        Text<AnswerScored>("feedback", s => s.Feedback),
        Strings<AnswerScored>("evidence", s => s.Evidence),
        Text<AnswerScored>("engine", s => s.Engine),
        Text<AnswerScored>("rubric_version", s => s.RubricVersion),
        Bool<AnswerScored>("needs_human_review", s => s.NeedsHumanReview),
        Text<AnswerScored>("review_reason", s => s.ReviewReason),
        At<AnswerScored>("scored_at", s => s.ScoredAtMs),
        Text<AnswerScored>("prompt_version", s => s.PromptVersion),
        Text<AnswerScored>("model", s => s.Model),
        Real<AnswerScored>("cost_usd", s => (float)s.CostUsd),
        Strings<AnswerScored>("flags", s => s.Flags),
        Int<AnswerScored>("revision", s => s.Revision));

    // The highest revision is in force, whatever the order of arrival; a decision closes what the score before it opened.
    public static readonly TableWriter<AnswerScored> Reviews = new("score_reviews", "excluded.revision >= score_reviews.revision",
        Key<AnswerScored>("answer_id", s => s.AnswerId),
        Text<AnswerScored>("session_id", s => s.SessionId),
        Text<AnswerScored>("tenant", s => s.Tenant),
        Text<AnswerScored>("state", s => s.Override is not null ? "decided" : s.NeedsHumanReview ? "open" : "none"),
        Int<AnswerScored>("revision", s => s.Revision),
        At<AnswerScored>("opened_at", s => s.ScoredAtMs),
        Text<AnswerScored>("reviewer", s => s.Override?.Reviewer ?? ""),
        Text<AnswerScored>("decision", s => s.Override?.Reason ?? ""),
        AtOrNothing<AnswerScored>("decided_at", s => s.Override?.DecidedAtMs ?? 0),
        Real<AnswerScored>("previous_technical", s => s.Override?.PreviousTechnical ?? 0),
        Real<AnswerScored>("previous_communication", s => s.Override?.PreviousCommunication ?? 0),
        Text<AnswerScored>("previous_engine", s => s.Override?.PreviousEngine ?? ""));

    public static readonly TableWriter<InterviewReport> Reports = new("reports", null,
    [
        Key<InterviewReport>("session_id", r => r.SessionId),
        Text<InterviewReport>("tenant", r => r.Tenant),
        Text<InterviewReport>("candidate_id", r => r.CandidateId),
        Text<InterviewReport>("position", r => r.Position),
        Real<InterviewReport>("overall", r => r.Overall),
        Real<InterviewReport>("technical", r => r.Technical),
        Real<InterviewReport>("communication", r => r.Communication),
        Real<InterviewReport>("emotion", r => r.Emotion),
        Real<InterviewReport>("behaviour", r => r.Behaviour),
        Text<InterviewReport>("dominant", r => r.DominantEmotion),
        .. Emotions<InterviewReport>(r => r.MeanEmotion),
        Long<InterviewReport>("frames_analysed", r => r.FramesAnalysed),
        Long<InterviewReport>("frames_with_face", r => r.FramesWithFace),
        Long<InterviewReport>("frames_dead_lettered", r => r.FramesDeadLettered),
        Int<InterviewReport>("blinks", r => r.Blinks),
        Long<InterviewReport>("speech_ms", r => r.SpeechMs),
        Long<InterviewReport>("audio_ms", r => r.AudioMs),
        Bool<InterviewReport>("needs_human_review", r => r.NeedsHumanReview),
        Strings<InterviewReport>("notes", r => r.Notes),
        Int<InterviewReport>("revision", r => Math.Max(1, r.Revision)),
        JsonText<InterviewReport>("document", Json.Format),
        At<InterviewReport>("started_at", r => r.StartedAtMs),
        At<InterviewReport>("completed_at", r => r.CompletedAtMs),
    ]);

    public static readonly TableWriter<AuditEvent> Audit = new("audit_events", null,
        Key<AuditEvent>("audit_id", a => a.AuditId),
        Text<AuditEvent>("tenant", a => a.Tenant),
        Text<AuditEvent>("session_id", a => a.SessionId),
        Text<AuditEvent>("actor", a => a.Actor),
        Text<AuditEvent>("action", a => a.Action),
        Text<AuditEvent>("reason", a => a.Reason),
        At<AuditEvent>("at", a => a.AtMs));

    public static readonly TableWriter<EmotionObserved> EmotionRows = new("emotion_observations", null,
    [
        Key<EmotionObserved>("session_id", e => e.SessionId),
        LongKey<EmotionObserved>("sequence", e => e.Sequence),
        TimeKey<EmotionObserved>("captured_at", e => e.CapturedAtMs),
        Text<EmotionObserved>("tenant", e => e.Tenant),
        Int<EmotionObserved>("question_index", e => e.QuestionIndex),
        Int<EmotionObserved>("face_count", e => e.FaceCount),
        Real<EmotionObserved>("face_left", e => e.Face?.Left),
        Real<EmotionObserved>("face_top", e => e.Face?.Top),
        Real<EmotionObserved>("face_width", e => e.Face?.Width),
        Real<EmotionObserved>("face_height", e => e.Face?.Height),
        Real<EmotionObserved>("face_confidence", e => e.Face?.Confidence),
        .. Emotions<EmotionObserved>(e => e.Probabilities),
        Text<EmotionObserved>("dominant", e => e.Dominant),
        Real<EmotionObserved>("eye_openness", e => e.EyeOpenness),
        Bool<EmotionObserved>("eyes_closed", e => e.EyesClosed),
        Text<EmotionObserved>("model_version", e => e.ModelVersion),
        At<EmotionObserved>("analysed_at", e => e.AnalysedAtMs),
    ]);

    public static readonly TableWriter<EmotionWindow> Windows = new("emotion_windows", null,
    [
        Key<EmotionWindow>("session_id", w => w.SessionId),
        TimeKey<EmotionWindow>("start_at", w => w.StartMs),
        At<EmotionWindow>("end_at", w => w.EndMs),
        Text<EmotionWindow>("tenant", w => w.Tenant),
        Int<EmotionWindow>("frames_analysed", w => w.FramesAnalysed),
        Int<EmotionWindow>("frames_with_face", w => w.FramesWithFace),
        Real<EmotionWindow>("face_ratio", w => w.FaceRatio),
        .. Emotions<EmotionWindow>(w => w.Mean),
        Text<EmotionWindow>("dominant", w => w.Dominant),
        Int<EmotionWindow>("blinks", w => w.Blinks),
        Long<EmotionWindow>("first_sequence", w => w.FirstSequence),
        Long<EmotionWindow>("last_sequence", w => w.LastSequence),
        Int<EmotionWindow>("frames_captured", w => w.FramesCaptured),
        Int<EmotionWindow>("frames_skipped", w => w.FramesSkipped),
    ]);
}
