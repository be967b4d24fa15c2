namespace StreamPlatform.Streams;

internal sealed record SuppressedValue<V>(long TimestampMs, V Value);

/// <summary>int64 timestamp of the update, its value.</summary>
internal sealed class SuppressedValueSerde<V>(ISerde<V> serde) : ISerde<SuppressedValue<V>>
{
    public byte[] Serialize(string topic, SuppressedValue<V> value) => [.. Serdes.Int64.Serialize(topic, value.TimestampMs), .. serde.Serialize(topic, value.Value)];
    public SuppressedValue<V> Deserialize(string topic, ReadOnlySpan<byte> data) => data.Length >= 8
        ? new(Serdes.Int64.Deserialize(topic, data[..8]), serde.Deserialize(topic, data[8..]))
        : throw new SerializationException($"a truncated held update on {topic}");
}
