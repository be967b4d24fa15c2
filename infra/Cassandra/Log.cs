using System.Net;
using Microsoft.Extensions.Logging;

namespace Cassandra;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "cassandra: host {Host} is down")]
    public static partial void HostDown(this ILogger logger, IPEndPoint host);

    [LoggerMessage(2, LogLevel.Information, "cassandra: host {Host} is up")]
    public static partial void HostUp(this ILogger logger, IPEndPoint host);

    [LoggerMessage(3, LogLevel.Information, "cassandra: host {Host} of data centre {Datacenter} has joined")]
    public static partial void HostAdded(this ILogger logger, IPEndPoint host, string? datacenter);

    [LoggerMessage(4, LogLevel.Information, "cassandra: host {Host} has left")]
    public static partial void HostRemoved(this ILogger logger, IPEndPoint host);

    [LoggerMessage(5, LogLevel.Warning, "cassandra: no connection to {Host}: {Reason}")]
    public static partial void ConnectionNotOpened(this ILogger logger, IPEndPoint host, string reason);

    [LoggerMessage(6, LogLevel.Information, "cassandra: control connection to {Host}")]
    public static partial void ControlConnected(this ILogger logger, IPEndPoint host);

    [LoggerMessage(7, LogLevel.Warning, "cassandra: no control connection: {Reason}; next attempt in {DelayMs} ms")]
    public static partial void ControlLost(this ILogger logger, string reason, long delayMs);

    [LoggerMessage(8, LogLevel.Warning, "cassandra: topology or schema could not be read: {Reason}")]
    public static partial void RefreshFailed(this ILogger logger, string reason);

    [LoggerMessage(9, LogLevel.Warning, "cassandra: nodes do not agree on the schema after {WaitMs} ms")]
    public static partial void SchemaDisagreement(this ILogger logger, long waitMs);

    [LoggerMessage(10, LogLevel.Warning, "cassandra: a statement could not be prepared on {Host}: {Reason}")]
    public static partial void PrepareFailed(this ILogger logger, IPEndPoint host, string reason);

    [LoggerMessage(11, LogLevel.Warning, "cassandra: {Count} prepared statements are kept; further ones are prepared each time they are asked for")]
    public static partial void PreparedCacheFull(this ILogger logger, int count);

    [LoggerMessage(12, LogLevel.Warning, "cassandra: an event handler of a host failed")]
    public static partial void HandlerFailed(this ILogger logger, Exception exception);
}
