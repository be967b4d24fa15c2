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
}
