using Microsoft.Extensions.Logging;

namespace StreamPlatform.Services;

/// <summary>Every log message of the service: counts only.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "retention: {Rows} rows deleted ({Tables})")]
    public static partial void RetentionDone(ILogger logger, long rows, string tables);

    [LoggerMessage(2, LogLevel.Warning, "retention: the run failed and is tried again in an hour")]
    public static partial void RetentionFailed(ILogger logger, Exception error);
}
