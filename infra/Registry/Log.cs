using Microsoft.Extensions.Logging;

namespace StreamPlatform.Registry;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "schema registry: {Versions} schema versions in {Subjects} subjects read from topic {Topic}")]
    public static partial void StateRead(this ILogger logger, string topic, int versions, int subjects);

    [LoggerMessage(2, LogLevel.Warning, "schema registry: record at offset {Offset} of topic {Topic} is not understood and left alone")]
    public static partial void RecordNotUnderstood(this ILogger logger, string topic, long offset);

    [LoggerMessage(3, LogLevel.Warning, "schema registry: reading topic {Topic}: {Reason}")]
    public static partial void ReadFailed(this ILogger logger, string topic, string reason);

    [LoggerMessage(4, LogLevel.Error, "schema registry: topic {Topic} cannot be read any more: {Reason}")]
    public static partial void ReaderDied(this ILogger logger, string topic, string reason);

    [LoggerMessage(5, LogLevel.Information, "schema registry: topic {Topic} created")]
    public static partial void TopicCreated(this ILogger logger, string topic);

    [LoggerMessage(6, LogLevel.Error, "schema registry: request {Method} {Path} failed")]
    public static partial void RequestFailed(this ILogger logger, string method, string path, Exception exception);
}
