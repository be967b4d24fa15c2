using Microsoft.Extensions.Logging;

namespace StreamPlatform.AllInOne;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "{Part} did not stop in order")]
    public static partial void PartDidNotStop(ILogger logger, string part, Exception error);

    [LoggerMessage(2, LogLevel.Critical, "processor {Name} failed")]
    public static partial void ProcessorFailed(ILogger logger, string name, Exception error);

    [LoggerMessage(40, LogLevel.Warning, "emotion: sampling level {From} became {To}, one frame in {OneIn} is analysed")]
    public static partial void SamplingChanged(ILogger logger, int from, int to, int oneIn);
}
