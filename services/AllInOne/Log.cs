using Microsoft.Extensions.Logging;

namespace StreamPlatform.AllInOne;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "{Part} did not stop in order")]
    public static partial void PartDidNotStop(ILogger logger, string part, Exception error);
}
