using Google.Protobuf;

namespace StreamPlatform.Gateway.Kafka;

/// <summary>Values of topics to bytes and back, in Confluent's wire format (0x00, schema id, message indexes, payload).</summary>
public interface IEventCodec
{
    /// <summary>Makes every topic's schema known to the registry; called once at start, so that <see cref="Encode"/> need not wait.</summary>
    Task PrepareAsync(CancellationToken cancellationToken);

    /// <summary>The bytes of <paramref name="value"/> as a value of <paramref name="topic"/>.</summary>
    byte[] Encode(string topic, IMessage value);

    /// <summary>The message of <paramref name="data"/>. Throws <see cref="InvalidDataException"/> when it is not one of the topic.</summary>
    IMessage Decode(string topic, ReadOnlySpan<byte> data);
}
