namespace StreamPlatform.Streams;

/// <summary>
/// A record to be written. Partition -1 = the runtime's partitioner (murmur2 of the key) decides. TimestampMs -1 = the client's clock. Key and value may lie in a
/// larger block of bytes (<see cref="OutputBuffer"/>), which is reused once the record's commit is acknowledged.
/// </summary>
public readonly struct OutputRecord
{
    private readonly byte[]? key;
    private readonly byte[]? value;
    private readonly int keyStart;
    private readonly int keyLength;
    private readonly int valueStart;
    private readonly int valueLength;

    public OutputRecord(string topic, int partition, long timestampMs, byte[]? key, byte[]? value, RecordHeaders? headers)
        : this(topic, partition, timestampMs, key, 0, key?.Length ?? 0, value, 0, value?.Length ?? 0, headers) { }

    internal OutputRecord(string topic, int partition, long timestampMs, byte[]? key, int keyStart, int keyLength, byte[]? value, int valueStart, int valueLength, RecordHeaders? headers)
    {
        Topic = topic; Partition = partition; TimestampMs = timestampMs; Headers = headers;
        this.key = key; this.keyStart = keyStart; this.keyLength = keyLength;
        this.value = value; this.valueStart = valueStart; this.valueLength = valueLength;
    }

    public string Topic { get; }
    public int Partition { get; }
    public long TimestampMs { get; }
    public RecordHeaders? Headers { get; }
    public bool HasKey => key is not null;
    public ReadOnlySpan<byte> Key => key is null ? default : new(key, keyStart, keyLength);
    /// <summary>False for a tombstone.</summary>
    public bool HasValue => value is not null;
    public ReadOnlySpan<byte> Value => value is null ? default : new(value, valueStart, valueLength);

    /// <summary>A copy of the key; null = none.</summary>
    public byte[]? KeyBytes() => HasKey ? Key.ToArray() : null;
    /// <summary>A copy of the value; null = none.</summary>
    public byte[]? ValueBytes() => HasValue ? Value.ToArray() : null;
}
