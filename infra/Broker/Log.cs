using Microsoft.Extensions.Logging;

namespace StreamPlatform.Broker;

/// <summary>The broker's log messages. Group and transaction coordinators add theirs in their own partial file.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Broker listens on {Endpoint}, data in {Directory}")]
    public static partial void Listening(ILogger logger, string endpoint, string directory);

    [LoggerMessage(2, LogLevel.Information, "Opened {Topics} topics, {Partitions} partitions; clean shutdown: {Clean}, scanned {Bytes} bytes in {ElapsedMs} ms")]
    public static partial void LogsOpened(ILogger logger, int topics, int partitions, bool clean, long bytes, long elapsedMs);

    [LoggerMessage(3, LogLevel.Warning, "{Partition}: {Segment} cut at byte {Position}, {Bytes} bytes after the last valid batch removed; the log ends at offset {Offset}")]
    public static partial void TailCut(ILogger logger, string partition, string segment, long position, long bytes, long offset);

    [LoggerMessage(4, LogLevel.Error, "{Partition}: {Segment} follows a damaged segment and was set aside as .dropped")]
    public static partial void SegmentDropped(ILogger logger, string partition, string segment);

    [LoggerMessage(5, LogLevel.Error, "{Partition}: append refused by the disk")]
    public static partial void AppendFailed(ILogger logger, Exception error, string partition);

    [LoggerMessage(6, LogLevel.Critical, "{Partition}: flush failed; the partition takes no writes until the broker restarts")]
    public static partial void FlushFailed(ILogger logger, Exception error, string partition);

    [LoggerMessage(7, LogLevel.Information, "{Partition}: {Segments} segments, {Bytes} bytes deleted by retention; the log starts at offset {Offset}")]
    public static partial void SegmentsDeleted(ILogger logger, string partition, int segments, long bytes, long offset);

    [LoggerMessage(8, LogLevel.Error, "{Topic}-{Partition}: retention failed")]
    public static partial void RetentionFailed(ILogger logger, Exception error, string topic, int partition);

    [LoggerMessage(9, LogLevel.Error, "Topic catalog could not be written")]
    public static partial void CatalogFailed(ILogger logger, Exception error);

    [LoggerMessage(10, LogLevel.Warning, "Directory {Directory} of a deleted topic could not be removed")]
    public static partial void RemoveFailed(ILogger logger, Exception error, string directory);

    [LoggerMessage(11, LogLevel.Error, "Data directory {Directory} could not be closed cleanly; the next start will scan it")]
    public static partial void ShutdownNotClean(ILogger logger, Exception error, string directory);

    [LoggerMessage(12, LogLevel.Warning, "Connection {Connection} closed: malformed request: {Reason}")]
    public static partial void MalformedRequest(ILogger logger, long connection, string reason);

    [LoggerMessage(13, LogLevel.Error, "Connection {Connection} closed: {Request} v{Version} failed")]
    public static partial void RequestFailed(ILogger logger, Exception error, long connection, Wire.ApiKey request, short version);

    [LoggerMessage(14, LogLevel.Warning, "Connection refused: {Count} are open, the limit")]
    public static partial void TooManyConnections(ILogger logger, int count);

    [LoggerMessage(15, LogLevel.Error, "Accepting connections failed")]
    public static partial void AcceptFailed(ILogger logger, Exception error);

    [LoggerMessage(16, LogLevel.Error, "{Topic}-{Partition}: read failed")]
    public static partial void ReadFailed(ILogger logger, Exception error, string topic, int partition);

    [LoggerMessage(17, LogLevel.Information, "{Partition}: the disk takes appends again")]
    public static partial void AppendsAgain(ILogger logger, string partition);
}
