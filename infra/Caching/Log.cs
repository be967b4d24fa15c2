using Microsoft.Extensions.Logging;

namespace StreamPlatform.Caching;

/// <summary>Every log message of the project: no addresses, no keys.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "Redis does not answer: caches go on in this process, Redis is asked again every 5 s")]
    public static partial void RedisDown(ILogger logger);

    [LoggerMessage(2, LogLevel.Information, "Redis answers again")]
    public static partial void RedisBack(ILogger logger);
}
