using Microsoft.Extensions.Logging;

namespace StreamPlatform.Services;

/// <summary>Every log message of the service: counts only.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "retention: {Rows} rows deleted ({Tables})")]
    public static partial void RetentionDone(ILogger logger, long rows, string tables);

    [LoggerMessage(2, LogLevel.Warning, "retention: the run failed and is tried again in an hour")]
    public static partial void RetentionFailed(ILogger logger, Exception error);

    [LoggerMessage(3, LogLevel.Warning, "recordings: answers cannot be kept now; what was not stored is read again in {Seconds} s")]
    public static partial void RecordingFailed(ILogger logger, int seconds, Exception error);

    [LoggerMessage(4, LogLevel.Warning, "recordings, Kafka client: {Reason}")]
    public static partial void RecordingClient(ILogger logger, string reason);
}
