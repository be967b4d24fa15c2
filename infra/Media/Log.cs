using Microsoft.Extensions.Logging;

namespace StreamPlatform.Media;

/// <summary>Every log message of the project: counts only, neither names nor keys.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "{Count} files were older than {Hours} h and are deleted.")]
    public static partial void Expired(ILogger logger, int count, int hours);

    [LoggerMessage(2, LogLevel.Information, "media clean-up: {Due} objects of {Bytes} bytes were due and are deleted, {Orphans} had no row and are deleted, {Missing} rows have no object, {Leftovers} leftovers are deleted")]
    public static partial void CleanedUp(ILogger logger, int due, long bytes, int orphans, int missing, int leftovers);
}
