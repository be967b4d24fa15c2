namespace StreamPlatform.Streams;

/// <summary>A record as it came from a partition.</summary>
public sealed record ConsumedRecord(string Topic, int Partition, long Offset, long TimestampMs, byte[]? Key, byte[]? Value, RecordHeaders Headers);
