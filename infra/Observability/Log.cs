using Microsoft.Extensions.Logging;

namespace StreamPlatform.Observability;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Warning, "metrics: an observable instrument failed to report")]
    public static partial void ObservableFailed(this ILogger logger, Exception exception);

    [LoggerMessage(2, LogLevel.Warning, "metrics: instrument {Instrument} of meter {Meter} is left out: {Reason}")]
    public static partial void InstrumentLeftOut(this ILogger logger, string meter, string instrument, string reason);

    [LoggerMessage(3, LogLevel.Error, "health: source {Source} cannot be checked")]
    public static partial void HealthCheckFailed(this ILogger logger, string source, Exception exception);
}
