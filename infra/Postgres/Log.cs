using Microsoft.Extensions.Logging;

namespace StreamPlatform.Postgres;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Initialising the PostgreSQL data directory {Directory}")]
    public static partial void Initialising(ILogger logger, string directory);

    [LoggerMessage(2, LogLevel.Information, "PostgreSQL on {Directory} is ready: process {ProcessId}, {StartMs} ms")]
    public static partial void Ready(ILogger logger, string directory, int processId, long startMs);

    [LoggerMessage(3, LogLevel.Information, "PostgreSQL on {Directory} has stopped")]
    public static partial void Stopped(ILogger logger, string directory);

    [LoggerMessage(4, LogLevel.Warning, "Stopping the PostgreSQL server (process {ProcessId}) that an earlier run left on {Directory}")]
    public static partial void StoppingOrphan(ILogger logger, int processId, string directory);

    [LoggerMessage(5, LogLevel.Warning, "Removing {File}: it names no server of this directory")]
    public static partial void RemovingStalePidFile(ILogger logger, string file);

    [LoggerMessage(6, LogLevel.Debug, "postgres: {Line}")]
    public static partial void ServerSaid(ILogger logger, string line);

    [LoggerMessage(7, LogLevel.Information, "Applied database migration {Name} in {DurationMs} ms")]
    public static partial void Migrated(ILogger logger, string name, long durationMs);

    [LoggerMessage(8, LogLevel.Information, "The PostgreSQL replica may be read")]
    public static partial void ReplicaUsable(ILogger logger);

    [LoggerMessage(9, LogLevel.Warning, "The PostgreSQL replica is not read, the primary answers: {Reason}")]
    public static partial void ReplicaUnusable(ILogger logger, string reason);

    [LoggerMessage(10, LogLevel.Information, "Partition {Name}, part {Part}: {State}, {Rows} rows")]
    public static partial void Archive(ILogger logger, string name, int part, string state, long rows);
}
