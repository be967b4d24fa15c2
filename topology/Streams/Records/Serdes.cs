using System.Buffers.Binary;
using System.Text;
using System.Text.Json;

namespace StreamPlatform.Streams;

/// <summary>Serdes of the plain types. Integers are big-endian, as Kafka's own serializers write them.</summary>
public static class Serdes
{
    public static ISerde<string> Utf8 { get; } = new Utf8Serde();
    public static ISerde<byte[]> Bytes { get; } = new BytesSerde();
    public static ISerde<long> Int64 { get; } = new Int64Serde();
    public static ISerde<int> Int32 { get; } = new Int32Serde();

    /// <summary>JSON with System.Text.Json; meant for state types, whose schema is private to the application.</summary>
    public static ISerde<T> Json<T>(JsonSerializerOptions? options = null) => new JsonSerde<T>(options);

    /// <summary>A serde from two functions.</summary>
    public static ISerde<T> From<T>(Func<string, T, byte[]> serialize, Func<string, byte[], T> deserialize) => new FunctionSerde<T>(serialize, deserialize);

    private sealed class Utf8Serde : ISerde<string>
    {
        private static readonly UTF8Encoding Strict = new(false, true);
        public byte[] Serialize(string topic, string value) => Strict.GetBytes(value);
        public string Deserialize(string topic, ReadOnlySpan<byte> data)
        {
            try { return Strict.GetString(data); }
            catch (DecoderFallbackException e) { throw new SerializationException($"not UTF-8 text on {topic}", e); }
        }
    }

    private sealed class BytesSerde : ISerde<byte[]>
    {
        public byte[] Serialize(string topic, byte[] value) => value;
        public byte[] Deserialize(string topic, ReadOnlySpan<byte> data) => data.ToArray();
    }

    private sealed class Int64Serde : ISerde<long>
    {
        public byte[] Serialize(string topic, long value)
        {
            var bytes = new byte[8];
            BinaryPrimitives.WriteInt64BigEndian(bytes, value);
            return bytes;
        }
        public long Deserialize(string topic, ReadOnlySpan<byte> data) => data.Length == 8
            ? BinaryPrimitives.ReadInt64BigEndian(data)
            : throw new SerializationException($"an int64 has 8 bytes, this value on {topic} has {data.Length}");
    }

    private sealed class Int32Serde : ISerde<int>
    {
        public byte[] Serialize(string topic, int value)
        {
            var bytes = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(bytes, value);
            return bytes;
        }
        public int Deserialize(string topic, ReadOnlySpan<byte> data) => data.Length == 4
            ? BinaryPrimitives.ReadInt32BigEndian(data)
            : throw new SerializationException($"an int32 has 4 bytes, this value on {topic} has {data.Length}");
    }

    private sealed class JsonSerde<T>(JsonSerializerOptions? options) : ISerde<T>
    {
        public byte[] Serialize(string topic, T value) => JsonSerializer.SerializeToUtf8Bytes(value, options);
        public T Deserialize(string topic, ReadOnlySpan<byte> data)
        {
            try { return JsonSerializer.Deserialize<T>(data, options) ?? throw new SerializationException($"JSON null on {topic}"); }
            catch (JsonException e) { throw new SerializationException($"malformed JSON on {topic}", e); }
        }
    }

    private sealed class FunctionSerde<T>(Func<string, T, byte[]> serialize, Func<string, byte[], T> deserialize) : ISerde<T>
    {
        public byte[] Serialize(string topic, T value) => serialize(topic, value);
        public T Deserialize(string topic, ReadOnlySpan<byte> data) => deserialize(topic, data.ToArray());
    }
}
