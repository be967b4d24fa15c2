namespace StreamPlatform.Streams;

/// <summary>Bytes to values and back, for one key or value type.</summary>
public interface ISerde<T>
{
    /// <summary>The bytes of <paramref name="value"/> for <paramref name="topic"/>.</summary>
    byte[] Serialize(string topic, T value);

    /// <summary>The value of <paramref name="data"/>. Never called for null keys or tombstones.</summary>
    /// <exception cref="SerializationException">The bytes are malformed: the record is poison.</exception>
    T Deserialize(string topic, ReadOnlySpan<byte> data);
}
