using Microsoft.Extensions.Logging;

namespace StreamPlatform.Streams;

/// <summary>Every log message of the runtime. No keys or values: they are personal data.</summary>
internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "{App}/{Slot}: {State}")]
    public static partial void State(ILogger logger, string app, int slot, StreamsState state);

    [LoggerMessage(2, LogLevel.Warning, "{App}: dead letter from {Topic}[{Partition}] offset {Offset}, step '{Step}', {Attempts} attempts: {Cause}")]
    public static partial void DeadLetter(ILogger logger, string app, string topic, int partition, long offset, string step, int attempts, string cause);

    [LoggerMessage(3, LogLevel.Warning, "{App}: step '{Step}' failed, attempt {Attempt} will be repeated: {Cause}")]
    public static partial void Retry(ILogger logger, string app, string step, int attempt, string cause);

    [LoggerMessage(4, LogLevel.Critical, "{App}: fatal, the instance stops")]
    public static partial void Fatal(ILogger logger, string app, Exception error);

    [LoggerMessage(5, LogLevel.Information, "{App}/{Slot}: assigned {Partitions}")]
    public static partial void Assigned(ILogger logger, string app, int slot, string partitions);

    [LoggerMessage(6, LogLevel.Information, "{App}/{Slot}: {What} {Partitions}")]
    public static partial void Released(ILogger logger, string app, int slot, string what, string partitions);

    [LoggerMessage(7, LogLevel.Information, "{App}/{Slot}: restored {Records} records for {Tasks} tasks in {ElapsedMs} ms")]
    public static partial void Restored(ILogger logger, string app, int slot, long records, int tasks, long elapsedMs);

    [LoggerMessage(8, LogLevel.Warning, "{App}/{Slot}: transaction aborted, its batch is kept: {Cause}")]
    public static partial void Aborted(ILogger logger, string app, int slot, string cause);

    [LoggerMessage(9, LogLevel.Error, "{App}/{Slot}: clients are rebuilt ({Rebuild} of {MaxRebuilds} in five minutes)")]
    public static partial void Rebuild(ILogger logger, string app, int slot, int rebuild, int maxRebuilds, Exception error);

    [LoggerMessage(10, LogLevel.Information, "{App}: created topic {Topic} with {Partitions} partitions")]
    public static partial void Created(ILogger logger, string app, string topic, int partitions);

    [LoggerMessage(11, LogLevel.Warning, "{App}/{Slot}: {Client} reports {Reason}")]
    public static partial void Client(ILogger logger, string app, int slot, string client, string reason);

    [LoggerMessage(12, LogLevel.Warning, "{App}/{Slot}: {Unfinished} records were under way at the deadline; they run again elsewhere")]
    public static partial void Deadline(ILogger logger, string app, int slot, int unfinished);

    [LoggerMessage(15, LogLevel.Warning, "{App}: deferred from {Topic}[{Partition}] offset {Offset}, step '{Step}': {Cause}")]
    public static partial void Deferred(ILogger logger, string app, string topic, int partition, long offset, string step, string cause);

    [LoggerMessage(14, LogLevel.Warning, "{App}: repartition topics were not purged, the next try is in {IntervalMs} ms: {Reason}")]
    public static partial void NotPurged(ILogger logger, string app, int intervalMs, string reason);

    [LoggerMessage(16, LogLevel.Warning, "{App}/{Slot}: {Partitions} belong to no member, because an instance came back in the middle of a rebalance; a passing member makes another")]
    public static partial void Ownerless(ILogger logger, string app, int slot, string partitions);

    [LoggerMessage(13, LogLevel.Error, "{App}: a timer's event was dead-lettered")]
    public static partial void TimerPoison(ILogger logger, string app, Exception error);
}
