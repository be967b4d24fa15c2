using Microsoft.Extensions.Logging;
using StreamPlatform.Topology.Ladder;

namespace StreamPlatform.Gateway;

/// <summary>Every log message of the gateway. Session ids only: no names, no answers, no tokens.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Capture socket of session {Session} connected.")]
    public static partial void Connected(ILogger logger, string session);

    [LoggerMessage(2, LogLevel.Information, "Session {Session} started.")]
    public static partial void Started(ILogger logger, string session);

    [LoggerMessage(3, LogLevel.Information, "Session {Session} completed with {Frames} frames and {Chunks} audio chunks acknowledged.")]
    public static partial void Completed(ILogger logger, string session, long frames, long chunks);

    [LoggerMessage(4, LogLevel.Warning, "Session {Session} interrupted: {Reason}.")]
    public static partial void Interrupted(ILogger logger, string session, string reason);

    [LoggerMessage(5, LogLevel.Error, "A record of session {Session} could not be written ({Code}).")]
    public static partial void WriteFailed(ILogger logger, string session, string code, Exception error);

    [LoggerMessage(6, LogLevel.Warning, "Session {Session} was silent too long and is over.")]
    public static partial void TimedOut(ILogger logger, string session);

    [LoggerMessage(7, LogLevel.Information, "Sessions topic read to its end: {Count} sessions known.")]
    public static partial void SessionsLoaded(ILogger logger, int count);

    [LoggerMessage(8, LogLevel.Error, "A record of {Topic} [{Partition}] @ {Offset} is not readable and was passed over: {Cause}")]
    public static partial void Unreadable(ILogger logger, string topic, int partition, long offset, string cause);

    [LoggerMessage(9, LogLevel.Error, "Reading {Topics} failed, trying again in {RetryMs} ms.")]
    public static partial void TailFailed(ILogger logger, string topics, int retryMs, Exception error);

    [LoggerMessage(10, LogLevel.Error, "The Kafka producer failed for good and is made anew: {Reason}")]
    public static partial void ProducerFatal(ILogger logger, string reason);

    [LoggerMessage(11, LogLevel.Warning, "Kafka client: {Reason}")]
    public static partial void KafkaClient(ILogger logger, string reason);

    [LoggerMessage(12, LogLevel.Warning, "Stored results cannot be read, the answer holds only what is in memory.")]
    public static partial void ResultsUnavailable(ILogger logger, Exception error);

    [LoggerMessage(40, LogLevel.Information, "Question {Index} of session {Session} comes from the bank: its generation was {Outcome}.")]
    public static partial void BankQuestion(ILogger logger, int index, string session, string outcome);

    [LoggerMessage(41, LogLevel.Information, "A follow-up to a spoken answer of session {Session} came too late and is not asked.")]
    public static partial void FollowUpTooLate(ILogger logger, string session);

    [LoggerMessage(30, LogLevel.Warning, "The ladder moved from {From} to {To}, media from {FromMedia} to {ToMedia}: {Reason}.")]
    public static partial void LadderMoved(ILogger logger, LadderLevel from, LadderLevel to, MediaLevel fromMedia, MediaLevel toMedia, string reason);

    [LoggerMessage(32, LogLevel.Error, "The store does not answer: {Reason}")]
    public static partial void StoreDoesNotAnswer(ILogger logger, string reason);

    [LoggerMessage(33, LogLevel.Information, "The store answers.")]
    public static partial void StoreAnswers(ILogger logger);

    [LoggerMessage(34, LogLevel.Error, "A client's quota of resumes could not be counted: {Reason}")]
    public static partial void QuotaNotCounted(ILogger logger, string reason);

    [LoggerMessage(31, LogLevel.Error, "The review queue cannot be read.")]
    public static partial void ReviewsUnavailable(ILogger logger, Exception error);

    [LoggerMessage(13, LogLevel.Error, "The schemas could not be registered, trying again in {RetryMs} ms.")]
    public static partial void SchemasUnavailable(ILogger logger, int retryMs, Exception error);

    [LoggerMessage(20, LogLevel.Information, "Task {Task}: {Accepted} resumes taken, {Refused} refused.")]
    public static partial void ResumesTaken(ILogger logger, string task, int accepted, int refused);

    [LoggerMessage(21, LogLevel.Error, "Task {Task}: resumes could not be written to Kafka; the request was refused.")]
    public static partial void ResumesNotWritten(ILogger logger, string task, Exception error);

    [LoggerMessage(22, LogLevel.Error, "Expired files could not be deleted, or their deletion not be audited; tried again in {Minutes} min.")]
    public static partial void SweepFailed(ILogger logger, int minutes, Exception error);

    [LoggerMessage(23, LogLevel.Warning, "The files of a request that was refused could not be deleted; they go by their age.")]
    public static partial void ResumeFilesLeft(ILogger logger, Exception error);

    [LoggerMessage(24, LogLevel.Error, "The transcripts cannot be read.")]
    public static partial void TranscriptsUnavailable(ILogger logger, Exception error);
}
