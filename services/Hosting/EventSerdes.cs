using Google.Protobuf;
using StreamPlatform.Schemas;
using StreamPlatform.Streams;
using StreamPlatform.Topology;

namespace StreamPlatform.Hosting;

/// <summary>Serdes of the public events against one registry. What cannot be read is poison to the runtime.</summary>
public sealed class EventSerdes(ISchemaRegistryClient registry) : IEventSerdes
{
    public ISerde<T> For<T>() where T : class, IMessage<T>, new() => new EventSerde<T>(registry);

    private sealed class EventSerde<T>(ISchemaRegistryClient registry) : ISerde<T> where T : class, IMessage<T>, new()
    {
        private readonly ProtobufSerializer<T> serializer = new(registry);
        private readonly ProtobufDeserializer<T> deserializer = new();

        public byte[] Serialize(string topic, T value) => serializer.Serialize(topic, value);

        public T Deserialize(string topic, ReadOnlySpan<byte> data)
        {
            try
            {
                return deserializer.Deserialize(topic, data);
            }
            catch (MalformedEventException e)
            {
                throw new SerializationException(e.Message, e);
            }
        }
    }
}
