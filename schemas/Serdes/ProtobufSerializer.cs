using System.Collections.Concurrent;
using Confluent.Kafka;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace StreamPlatform.Schemas;

/// <summary>
/// Writes Protobuf messages in Confluent's wire format; shaped as Confluent.SchemaRegistry.Serdes.ProtobufSerializer. Safe for
/// concurrent use. The synchronous path needs the schema id to be known: after <see cref="WarmUpAsync"/>, after
/// <see cref="SchemaCatalogue.RegisterAllAsync"/> on the same client, or after one asynchronous call for the topic.
/// </summary>
public sealed class ProtobufSerializer<T> : IAsyncSerializer<T>, ISerializer<T>
    where T : class, IMessage<T>, new()
{
    /// <summary>Topics one serializer may serve; more means that topic names come from data.</summary>
    private const int MaxTopics = 10_000;

    private static readonly MessageDescriptor Descriptor = new T().Descriptor;

    private readonly ISchemaRegistryClient client;
    private readonly bool register;
    private readonly ConcurrentDictionary<(string Topic, bool IsKey), byte[]> prefixes = new();

    public ProtobufSerializer(ISchemaRegistryClient schemaRegistryClient, ProtobufSerializerConfig? config = null)
    {
        ArgumentNullException.ThrowIfNull(schemaRegistryClient);
        client = schemaRegistryClient;
        register = (config ?? new()).AutoRegisterSchemas;
    }

    /// <summary>Finds (or registers) the schema id of a topic, so that <see cref="Serialize"/> can go without waiting.</summary>
    public async Task WarmUpAsync(string topic, bool isKey = false, CancellationToken cancellationToken = default)
    {
        if (!prefixes.ContainsKey((topic, isKey)))
        {
            await ResolveAsync(topic, isKey, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The value's bytes; null (a tombstone) for null.</summary>
    public async Task<byte[]> SerializeAsync(T data, SerializationContext context)
    {
        if (data is null)
        {
            return null!;
        }

        bool isKey = context.Component == MessageComponentType.Key;
        byte[] prefix = prefixes.TryGetValue((context.Topic, isKey), out byte[]? known)
            ? known
            : await ResolveAsync(context.Topic, isKey, CancellationToken.None).ConfigureAwait(false);
        return Write(prefix, data);
    }

    /// <summary>The value's bytes; null (a tombstone) for null.</summary>
    /// <exception cref="InvalidOperationException">The schema id of the topic is not known yet: <see cref="WarmUpAsync"/> first.</exception>
    public byte[] Serialize(T data, SerializationContext context) =>
        data is null ? null! : Serialize(context.Topic, data, context.Component == MessageComponentType.Key);

    /// <inheritdoc cref="Serialize(T, SerializationContext)"/>
    public byte[] Serialize(string topic, T data, bool isKey = false)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Write(prefixes.TryGetValue((topic, isKey), out byte[]? known) ? known : ResolveCached(topic, isKey), data);
    }

    private static byte[] Write(byte[] prefix, T data)
    {
        int payloadBytes = data.CalculateSize();
        byte[] bytes = new byte[prefix.Length + payloadBytes];
        prefix.CopyTo(bytes, 0);
        data.WriteTo(bytes.AsSpan(prefix.Length));
        return bytes;
    }

    private byte[] ResolveCached(string topic, bool isKey)
    {
        // complete at once when the client has every answer in its cache; cancelled otherwise, before any request leaves
        Task<byte[]> prefix = ResolveAsync(topic, isKey, new CancellationToken(canceled: true));
        return prefix.IsCompletedSuccessfully
            ? prefix.Result
            : throw new InvalidOperationException(
                $"schema id of topic '{topic}' is not known yet: call WarmUpAsync(\"{topic}\") or SchemaCatalogue.RegisterAllAsync at start");
    }

    private async Task<byte[]> ResolveAsync(string topic, bool isKey, CancellationToken cancellationToken)
    {
        int id = await SchemaRegistrar.IdAsync(
            client, SchemaRegistrar.Subject(topic, isKey), Descriptor.File, register, cancellationToken).ConfigureAwait(false);
        if (prefixes.Count >= MaxTopics)
        {
            throw new InvalidOperationException($"one serializer of {Descriptor.FullName} serves {MaxTopics} topics already, '{topic}' is one too many");
        }

        return prefixes[(topic, isKey)] = WireFormat.Prefix(id, Descriptor);
    }
}
