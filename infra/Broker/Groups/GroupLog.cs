using Microsoft.Extensions.Logging;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Groups;

/// <summary>What groups say in the log.</summary>
internal static partial class GroupLog
{
    [LoggerMessage(2001, LogLevel.Information, "Loaded {Groups} consumer groups with {Offsets} offsets from __consumer_offsets in {ElapsedMs} ms")]
    public static partial void Loaded(ILogger logger, int groups, int offsets, long elapsedMs);

    [LoggerMessage(2002, LogLevel.Warning, "Group {Group} was not saved to __consumer_offsets: {Error}")]
    public static partial void NotSaved(ILogger logger, string group, ErrorCode error);

    [LoggerMessage(2003, LogLevel.Warning, "Group {Group} was not saved to __consumer_offsets")]
    public static partial void SaveFailed(ILogger logger, Exception exception, string group);

    [LoggerMessage(2004, LogLevel.Warning, "Record at offset {Offset} of __consumer_offsets-{Partition} cannot be read and is skipped")]
    public static partial void Unreadable(ILogger logger, Exception exception, long offset, int partition);

    [LoggerMessage(2005, LogLevel.Warning, "Removing offsets of group {Group} failed: {Error}")]
    public static partial void RemovalFailed(ILogger logger, string group, ErrorCode error);

    [LoggerMessage(2006, LogLevel.Error, "Looking for expired offsets failed; tried again at the next round")]
    public static partial void ExpiryFailed(ILogger logger, Exception exception);
}
