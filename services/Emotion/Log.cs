using Microsoft.Extensions.Logging;

namespace StreamPlatform.Services;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "sampling level {From} became {To}: one live frame in {OneIn} is analysed")]
    public static partial void SamplingChanged(ILogger logger, int from, int to, int oneIn);
}
