using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace StreamPlatform.Observability;

/// <summary>The one place that says how the platform logs: one JSON object per line, to standard error, times in UTC.</summary>
public static class PlatformLogging
{
    /// <summary>A factory for parts that start outside a host.</summary>
    public static ILoggerFactory CreateFactory(LogLevel minimum = LogLevel.Information) =>
        LoggerFactory.Create(logging => logging.AddPlatformLogging(minimum));

    /// <summary>Replaces the host's log providers.</summary>
    /// <param name="logging">The host's.</param>
    /// <param name="minimum">Lowest level; ASP.NET Core's own messages from Warning on.</param>
    public static ILoggingBuilder AddPlatformLogging(this ILoggingBuilder logging, LogLevel minimum = LogLevel.Information)
    {
        logging.ClearProviders();
        logging.SetMinimumLevel(minimum);
        logging.AddFilter("Microsoft", minimum > LogLevel.Warning ? minimum : LogLevel.Warning);
        logging.AddFilter("Npgsql", minimum > LogLevel.Warning ? minimum : LogLevel.Warning); // it logs every command
        logging.AddFilter("System", minimum > LogLevel.Warning ? minimum : LogLevel.Warning);
        logging.Configure(options => options.ActivityTrackingOptions = ActivityTrackingOptions.TraceId | ActivityTrackingOptions.SpanId);
        logging.AddJsonConsole(json =>
        {
            json.IncludeScopes = true;
            json.UseUtcTimestamp = true;
            json.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";
        });

        // standard output belongs to what a command prints
        logging.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        return logging;
    }
}
