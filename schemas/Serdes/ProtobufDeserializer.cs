using Confluent.Kafka;
using Google.Protobuf;

namespace StreamPlatform.Schemas;

/// <summary>
/// Reads Protobuf messages in Confluent's wire format; shaped as Confluent.SchemaRegistry.Serdes.ProtobufDeserializer, which also reads
/// by the generated type alone and never asks the registry. Fields the type does not know are kept. Safe for concurrent use.
/// </summary>
public sealed class ProtobufDeserializer<T> : IAsyncDeserializer<T>, IDeserializer<T>
    where T : class, IMessage<T>, new()
{
    private static readonly MessageParser<T> Parser = new(() => new T());
    private static readonly string TypeName = new T().Descriptor.FullName;

    /// <summary>The message; null for a tombstone.</summary>
    /// <exception cref="MalformedEventException">The bytes are no such message.</exception>
    public Task<T> DeserializeAsync(ReadOnlyMemory<byte> data, bool isNull, SerializationContext context) =>
        isNull ? Task.FromResult<T>(null!) : Task.FromResult(Deserialize(context.Topic, data.Span));

    /// <summary>The message; null for a tombstone.</summary>
    /// <exception cref="MalformedEventException">The bytes are no such message.</exception>
    public T Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context) =>
        isNull ? null! : Deserialize(context.Topic, data);

    /// <inheritdoc cref="Deserialize(ReadOnlySpan{byte}, bool, SerializationContext)"/>
    public T Deserialize(string topic, ReadOnlySpan<byte> data)
    {
        try
        {
            return Parser.ParseFrom(data[WireFormat.PrefixLength(data)..]);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new MalformedEventException($"value on topic '{topic}' is no {TypeName}: {e.Message}", e);
        }
        catch (MalformedEventException e)
        {
            throw new MalformedEventException($"value on topic '{topic}' is no {TypeName}: {e.Message}", e);
        }
    }
}
