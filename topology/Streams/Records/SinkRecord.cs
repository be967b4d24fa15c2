namespace StreamPlatform.Streams;

/// <summary>One record of a batch given to a sink.</summary>
public readonly record struct SinkRecord<K, V>(K Key, V Value, RecordContext Context)
{
    public string Topic => Context.Topic;
    public int Partition => Context.Partition;
    public long Offset => Context.Offset;
    public long TimestampMs => Context.TimestampMs;
    public RecordHeaders Headers => Context.Headers;
    public string IdempotencyKey => Context.IdempotencyKey;
}
