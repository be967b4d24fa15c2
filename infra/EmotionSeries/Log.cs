using Microsoft.Extensions.Logging;

namespace StreamPlatform.EmotionSeries;

internal static partial class Log
{
    [LoggerMessage(1, LogLevel.Information, "Made the Cassandra table {Table}")]
    public static partial void TableCreated(ILogger logger, string table);

    [LoggerMessage(2, LogLevel.Information, "Rows of the Cassandra table {Table} lived {BeforeSeconds} s, new ones live {Seconds} s")]
    public static partial void RetentionChanged(ILogger logger, string table, int beforeSeconds, int seconds);

    [LoggerMessage(3, LogLevel.Information, "The emotion series lies in Cassandra, keyspace {Keyspace}")]
    public static partial void Opened(ILogger logger, string keyspace);
}
