using Microsoft.Extensions.Logging;

namespace StreamPlatform.Hosting;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Critical, "processor {Name} failed")]
    public static partial void ProcessorFailed(ILogger logger, string name, Exception error);

    [LoggerMessage(2, LogLevel.Information, "service {Name} runs, health and metrics at {Address}")]
    public static partial void ServiceRunning(ILogger logger, string name, string address);

    [LoggerMessage(3, LogLevel.Critical, "service {Name} cannot run: {Reason}")]
    public static partial void ServiceStopped(ILogger logger, string name, string reason);

    [LoggerMessage(4, LogLevel.Warning, "an event for {Topic} was not taken by Kafka")]
    public static partial void NotPublished(ILogger logger, string topic, Exception error);
}
