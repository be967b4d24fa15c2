namespace StreamPlatform.Gateway;

/// <summary>Why a message of a client was not taken. A refused message consumes no sequence number, is neither produced nor acked.</summary>
/// <param name="Code">One of <see cref="RefusalCodes"/>; stable, for programs.</param>
/// <param name="Message">For people: names what to fix.</param>
/// <param name="Stream">"frame", "audio" or "answer", when the message belonged to one.</param>
/// <param name="Sequence">The refused message's sequence number (answers: question index).</param>
/// <param name="Expected">The sequence number (answers: question index) that would be taken.</param>
public sealed record Refusal(string Code, string Message, string? Stream = null, long? Sequence = null, long? Expected = null);

/// <summary>Codes of refusals and of REST problems.</summary>
public static class RefusalCodes
{
    public const string FrameTooLarge = "frame-too-large";
    public const string NotAJpeg = "not-a-jpeg";
    public const string AudioTooLarge = "audio-too-large";
    public const string AnswerTooLarge = "answer-too-large";
    public const string MessageTooLarge = "message-too-large";
    public const string SessionNotStarted = "session-not-started";
    public const string SessionCompleted = "session-completed";
    public const string WrongSequence = "wrong-sequence";
    public const string ImplausibleSequence = "implausible-sequence";
    public const string WrongQuestion = "wrong-question";
    public const string Malformed = "malformed";
    public const string HelloExpected = "hello-expected";
    public const string HelloTimeout = "hello-timeout";
    public const string Idle = "idle";
    public const string UnknownSession = "unknown-session";
    public const string UnknownQuestion = "unknown-question";
    public const string InvalidToken = "invalid-token";
    public const string ExpiredToken = "expired-token";
    public const string Stopping = "stopping";
    public const string WrongOrigin = "wrong-origin";
    public const string Replaced = "replaced";
    public const string KafkaUnavailable = "kafka-unavailable";
    public const string Overloaded = "overloaded";
    public const string Postponed = "postponed";
    public const string InvalidRequest = "invalid-request";
    public const string WebSocketRequired = "websocket-required";
    public const string UnknownAnswer = "unknown-answer";
    public const string Outdated = "outdated";
    public const string StoreUnavailable = "store-unavailable";
    public const string NotReady = "not-ready";
    public const string TooManyItems = "too-many-items";
    public const string TooManyResumes = "too-many-resumes";
    public const string UnknownTask = "unknown-task";
    public const string UnknownTranscript = "unknown-transcript";
    public const string OtherRevision = "other-revision";
}
