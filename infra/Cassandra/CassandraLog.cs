using System.Net;
using Microsoft.Extensions.Logging;

namespace Cassandra;

/// <summary>What this client logs; no values of queries among it.</summary>
internal static partial class CassandraLog
{
    [LoggerMessage(1, LogLevel.Warning, "The connection to {EndPoint} failed")]
    public static partial void ConnectionFailed(ILogger log, EndPoint endPoint, Exception error);

    [LoggerMessage(2, LogLevel.Error, "A handler of a Cassandra event failed")]
    public static partial void EventHandlerFailed(ILogger log, Exception error);

    [LoggerMessage(3, LogLevel.Warning, "{EndPoint} offers no lz4: the connection goes uncompressed")]
    public static partial void NoLz4(ILogger log, EndPoint endPoint);

    [LoggerMessage(11, LogLevel.Information, "cassandra: host {Host} is down")]
    public static partial void HostDown(this ILogger logger, IPEndPoint host);

    [LoggerMessage(12, LogLevel.Information, "cassandra: host {Host} is up")]
    public static partial void HostUp(this ILogger logger, IPEndPoint host);

    [LoggerMessage(13, LogLevel.Information, "cassandra: host {Host} of data centre {Datacenter} has joined")]
    public static partial void HostAdded(this ILogger logger, IPEndPoint host, string? datacenter);

    [LoggerMessage(14, LogLevel.Information, "cassandra: host {Host} has left")]
    public static partial void HostRemoved(this ILogger logger, IPEndPoint host);

    [LoggerMessage(15, LogLevel.Warning, "cassandra: no connection to {Host}: {Reason}")]
    public static partial void ConnectionNotOpened(this ILogger logger, IPEndPoint host, string reason);

    [LoggerMessage(16, LogLevel.Information, "cassandra: control connection to {Host}")]
    public static partial void ControlConnected(this ILogger logger, IPEndPoint host);

    [LoggerMessage(17, LogLevel.Warning, "cassandra: no control connection: {Reason}; next attempt in {DelayMs} ms")]
    public static partial void ControlLost(this ILogger logger, string reason, long delayMs);

    [LoggerMessage(18, LogLevel.Warning, "cassandra: topology or schema could not be read: {Reason}")]
    public static partial void RefreshFailed(this ILogger logger, string reason);

    [LoggerMessage(19, LogLevel.Warning, "cassandra: nodes do not agree on the schema after {WaitMs} ms")]
    public static partial void SchemaDisagreement(this ILogger logger, long waitMs);

    [LoggerMessage(20, LogLevel.Warning, "cassandra: a statement could not be prepared on {Host}: {Reason}")]
    public static partial void PrepareFailed(this ILogger logger, IPEndPoint host, string reason);

    [LoggerMessage(21, LogLevel.Warning, "cassandra: {Count} prepared statements are kept; further ones are prepared each time they are asked for")]
    public static partial void PreparedCacheFull(this ILogger logger, int count);

    [LoggerMessage(22, LogLevel.Warning, "cassandra: an event handler of a host failed")]
    public static partial void HandlerFailed(this ILogger logger, Exception exception);
}
