namespace StreamPlatform.Streams;

/// <summary>One header of a record; a value may be null in Kafka.</summary>
public readonly record struct RecordHeader(string Key, byte[]? Value);
