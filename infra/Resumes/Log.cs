using Microsoft.Extensions.Logging;

namespace StreamPlatform.Resumes;

/// <summary>Every log message of the project: counts only, neither names nor texts.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "{Count} files were older than {Hours} h and are deleted.")]
    public static partial void Expired(ILogger logger, int count, int hours);
}
