namespace StreamPlatform.Streams;

/// <summary>A record a test reads back.</summary>
public sealed record TestRecord<K, V>(K? Key, V? Value, long TimestampMs, RecordHeaders Headers);
