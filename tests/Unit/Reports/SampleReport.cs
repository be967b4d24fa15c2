using StreamPlatform.Reports;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Tests.Unit.Reports;

/// <summary>A stored interview of two answers, with everything that a report can show.</summary>
internal static class SampleReport
{
    public const long Start = 1_780_000_000_000;

    public static ReportDocument Document(int windows = 12, string name = "Łukasz Ωmega Иванов", Action<InterviewReport>? change = null)
    {
        var report = Report();
        change?.Invoke(report);
        return ReportComposer.Compose(report, Stored(windows, name));
    }

    public static InterviewReport Report() => new()
    {
        SessionId = "session-1", Tenant = "acme", CandidateId = "c-1", Position = "Backend Engineer", Overall = 71.4f, Technical = 66, Communication = 78, Emotion = 82,
        EmotionKnown = true, Behaviour = 74, BehaviourKnown = true, FaceScore = 90, TalkScore = 55, PaceScore = 80, WordsPerMinute = 98, MeanEmotion = new() { Happy = 0.5f, Neutral = 0.4f, Sad = 0.1f },
        DominantEmotion = "happy", FramesAnalysed = 239, FramesWithFace = 210, FramesWithSeveralFaces = 6, FramesDeadLettered = 1, FramesAcked = 240, Blinks = 31, SpeechMs = 40_000,
        AudioMs = 60_000, NeedsHumanReview = true, StartedAtMs = Start, CompletedAtMs = Start + 120_000, Revision = 2, RevisionReason = "a new score of question 2", RevisedAtMs = Start + 300_000,
        AnswersSubmitted = 2,
        Scores =
        {
            Score(0, "offline-rubric", "Mentions: transactions. Not found: idempotence."),
            Score(1, "openai", "Clear and complete."),
        },
        Questions =
        {
            new ReportQuestion { Index = 0, Id = "q-1", Text = "Tell me about a system that you built.", Kind = AnswerKind.Spoken, AskedAtMs = Start + 1_000, Transcribed = true, SpeechMs = 40_000, AudioMs = 60_000, Words = 65, WordsPerMinute = 98, Confidence = 0.62f, Engine = "pocketsphinx" },
            new ReportQuestion { Index = 1, Id = "q-2", Text = "How does a consumer process each message once?", Kind = AnswerKind.Typed, AskedAtMs = Start + 65_000 },
        },
        Marks =
        {
            new ReportMark { Kind = "question", AtMs = Start + 1_000, Text = "question 1" },
            new ReportMark { Kind = "interrupted", AtMs = Start + 40_000, Text = "connection lost: network" },
            new ReportMark { Kind = "resumed", AtMs = Start + 48_000, Text = "connection restored", GapMs = 8_000 },
            new ReportMark { Kind = "question", AtMs = Start + 65_000, Text = "question 2" },
            new ReportMark { Kind = "level", AtMs = Start + 90_000, Text = "level 0 to 1: the model is slow", Level = 1 },
            new ReportMark { Kind = "completed", AtMs = Start + 120_000, Text = "completed" },
        },
        Integrity =
        {
            new IntegrityNote { Kind = "unreadable-frames", Text = "1 unreadable frame(s) lie in capture.frames.v1.dlq" },
            new IntegrityNote { Kind = "low-confidence", Text = "question 1: the transcript's confidence is 62 %, below 70 %", Question = 1 },
            new IntegrityNote { Kind = "face-lost", Text = "no face for 9 s", FromMs = Start + 71_000, ToMs = Start + 80_000 },
        },
        Versions =
        {
            new EngineVersion { Part = "emotion", Name = "face models", Version = "human-3.3.6" },
            new EngineVersion { Part = "scoring", Name = "offline-rubric", Version = "rubric 1", Uses = 1 },
        },
    };

    public static InterviewResults Stored(int windows, string name) => new(
        new SessionRow("session-1", "acme", "c-1", name, "Backend Engineer", "US", "completed", 2, 2, Start, Start + 120_000),
        [
            new AnswerRow("session-1/0", 0, "q-1", "Tell me about a system that you built.", "spoken", "", 120, Start + 1_000, Start + 61_000),
            new AnswerRow("session-1/1", 1, "q-2", "How does a consumer process each message once?", "typed", "Offsets and results in one transaction.", 0, Start + 65_000, Start + 119_000),
        ],
        [new TranscriptRow(0, "i built a ledger that never loses a record", 0.62f, "pocketsphinx", 40_000, 60_000, 4, Start + 61_000)],
        [], [],
        [
            .. Enumerable.Range(0, windows).Select(i => new WindowRow(
                Start + (10_000 * i), Start + (10_000 * (i + 1)), 20, i == 7 ? 2 : 20, i == 7 ? 0.1f : 1, i == 7 ? null : new Probabilities(0.02f, 0.01f, 0.05f, 0.5f - (0.02f * (i % 12)), 0.1f, 0.1f, 0.22f + (0.02f * (i % 12))),
                i == 7 ? "" : "happy", i % 5)),
        ],
        239, "postgres", null);

    private static AnswerScored Score(int question, string engine, string feedback) => new()
    {
        AnswerId = $"session-1/{question}", SessionId = "session-1", QuestionId = $"q-{question + 1}", QuestionIndex = question, Technical = 60 + (10 * question), Communication = 78,
        Feedback = feedback, Evidence = { "never loses a record" }, Engine = engine, RubricVersion = "1", NeedsHumanReview = question == 0, ReviewReason = question == 0 ? "The offline rubric counts words." : "",
        ScoredAtMs = Start + 130_000,
    };
}
