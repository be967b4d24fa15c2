using Google.Protobuf.Reflection;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Schemas;

/// <summary>How personal a topic's values are; decides encryption and erasure.</summary>
public enum PrivacyClass { None, Personal, Biometric }

/// <summary>One topic of the platform.</summary>
/// <param name="Name">Kafka topic name.</param>
/// <param name="Message">Protobuf message of the values.</param>
/// <param name="Partitions">Partitions; all session-keyed topics share one count.</param>
/// <param name="Retention">Retention by time; null = unlimited (compacted).</param>
/// <param name="Compacted">cleanup.policy=compact instead of delete.</param>
/// <param name="Privacy">How personal the values are.</param>
public sealed record TopicSpec(
    string Name, MessageDescriptor Message, int Partitions, TimeSpan? Retention, bool Compacted, PrivacyClass Privacy);

/// <summary>The topic catalogue: the only place that knows names, partitions, retention and privacy class.</summary>
public static class Topics
{
    public const string Sessions = "interview.sessions.v1";
    public const string Events = "interview.events.v1";
    public const string Frames = "capture.frames.v1";
    public const string Audio = "capture.audio.v1";
    public const string Answers = "interview.answers.v1";
    public const string Emotions = "analysis.emotions.v1";
    public const string EmotionWindows = "analysis.emotion-windows.v1";
    public const string Transcripts = "analysis.transcripts.v1";
    public const string Scores = "analysis.scores.v1";
    public const string Reports = "interview.reports.v1";
    public const string ResumeRequests = "resume.requests.v1";
    public const string ResumeResults = "resume.results.v1";
    public const string AiCosts = "ai.costs.v1";
    public const string Signals = "platform.signals.v1";
    public const string Notifications = "notifications.v1";
    public const string Audit = "platform.audit.v1";
    public const string CacheInvalidations = "platform.cache-invalidations.v1";

    /// <summary>Partitions of every session-keyed topic.</summary>
    public const int SessionPartitions = 12;

    /// <summary>Name of the dead-letter topic of <paramref name="topic"/>.</summary>
    public static string DeadLetter(string topic) => topic + ".dlq";

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>Every topic that carries a message of the schemas, in the order of the dataflow.</summary>
    public static IReadOnlyList<TopicSpec> All { get; } =
    [
        new(Sessions, SessionState.Descriptor, SessionPartitions, null, true, PrivacyClass.Personal),
        new(Events, SessionEvent.Descriptor, SessionPartitions, 7 * Day, false, PrivacyClass.Personal),
        new(Frames, FrameCaptured.Descriptor, SessionPartitions, Day, false, PrivacyClass.Biometric),
        new(Audio, AudioChunk.Descriptor, SessionPartitions, Day, false, PrivacyClass.Biometric),
        new(Answers, AnswerSubmitted.Descriptor, SessionPartitions, 7 * Day, false, PrivacyClass.Personal),
        new(Emotions, EmotionObserved.Descriptor, SessionPartitions, 7 * Day, false, PrivacyClass.Biometric),
        new(EmotionWindows, EmotionWindow.Descriptor, SessionPartitions, 7 * Day, false, PrivacyClass.Biometric),
        new(Transcripts, Transcript.Descriptor, SessionPartitions, 30 * Day, false, PrivacyClass.Personal),
        new(Scores, AnswerScored.Descriptor, SessionPartitions, 30 * Day, false, PrivacyClass.Personal),
        new(Reports, InterviewReport.Descriptor, SessionPartitions, null, true, PrivacyClass.Personal),
        new(ResumeRequests, ResumeRequested.Descriptor, SessionPartitions, 7 * Day, false, PrivacyClass.Personal),
        new(ResumeResults, ResumeOptimized.Descriptor, SessionPartitions, 7 * Day, false, PrivacyClass.Personal),
        new(AiCosts, AiCallEnded.Descriptor, SessionPartitions, 30 * Day, false, PrivacyClass.Personal),
        new(Signals, EngineSignal.Descriptor, SessionPartitions, Day, false, PrivacyClass.None),
        new(Notifications, Notification.Descriptor, SessionPartitions, 7 * Day, false, PrivacyClass.Personal),
        new(Audit, AuditEvent.Descriptor, SessionPartitions, 7 * 365 * Day, false, PrivacyClass.Personal),
        new(CacheInvalidations, CacheInvalidated.Descriptor, SessionPartitions, Day / 24, false, PrivacyClass.None),
    ];
}
