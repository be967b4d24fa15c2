using Microsoft.Extensions.Logging;

namespace StreamPlatform.Media;

/// <summary>Every log message of the project: counts only, neither names nor keys.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "{Count} files were older than {Hours} h and are deleted.")]
    public static partial void Expired(ILogger logger, int count, int hours);

    [LoggerMessage(2, LogLevel.Information, "media clean-up: {Due} objects of {Bytes} bytes were due and are deleted, {Orphans} had no row and are deleted, {Missing} rows have no object, {Leftovers} leftovers are deleted")]
    public static partial void CleanedUp(ILogger logger, int due, long bytes, int orphans, int missing, int leftovers);

    [LoggerMessage(3, LogLevel.Information, "session {Session}: the sound of answer {Question} is kept, {Bytes} bytes, {DurationMs} ms")]
    public static partial void AnswerKept(ILogger logger, string session, int question, long bytes, long durationMs);

    [LoggerMessage(4, LogLevel.Error, "session {Session}: the sound of answer {Question} cannot be kept")]
    public static partial void AnswerLost(ILogger logger, string session, int question, Exception error);

    [LoggerMessage(5, LogLevel.Warning, "session {Session}: audio chunk {Sequence} is not kept: {Why}")]
    public static partial void Unreadable(ILogger logger, string session, long sequence, string why);
}
