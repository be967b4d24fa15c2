using Microsoft.Extensions.Logging;

namespace StreamPlatform.Hosting;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Critical, "processor {Name} failed")]
    public static partial void ProcessorFailed(ILogger logger, string name, Exception error);

    [LoggerMessage(2, LogLevel.Information, "service {Name} runs, health and metrics at {Address}")]
    public static partial void ServiceRunning(ILogger logger, string name, string address);

    [LoggerMessage(4, LogLevel.Warning, "an event for {Topic} could not be written: {Reason}")]
    public static partial void EventLost(ILogger logger, string topic, string reason);

    [LoggerMessage(5, LogLevel.Warning, "Kafka client of events: {Reason}")]
    public static partial void EventClient(ILogger logger, string reason);

    [LoggerMessage(3, LogLevel.Critical, "service {Name} cannot run: {Reason}")]
    public static partial void ServiceStopped(ILogger logger, string name, string reason);
}
