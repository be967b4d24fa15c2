using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using Confluent.Kafka;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using StreamPlatform.Schemas;

namespace StreamPlatform.Hosting;

/// <summary>Writes events that nobody waits for: what calls cost, how engines do.</summary>
public interface IEventOutlet
{
    /// <summary>Hands the event over and returns at once; one that cannot be written is counted and logged, not thrown.</summary>
    /// <param name="topic">Name from <see cref="Topics"/>.</param>
    /// <param name="key">Its key, as UTF-8.</param>
    /// <param name="tenant">Header <c>tenant</c>; empty = none.</param>
    /// <param name="id">Header <c>ce_id</c>: unique per record of the topic.</param>
    /// <param name="timestampMs">Event time, Unix milliseconds.</param>
    /// <param name="value">Message of the topic.</param>
    void Send<T>(string topic, string key, string tenant, string id, long timestampMs, T value) where T : class, IMessage<T>, new();
}

/// <summary>
/// One idempotent producer of a process for <see cref="IEventOutlet"/>: acks=all, at most 8 MiB waiting, each record for at most 2 minutes. A crash of the process
/// loses what waits; the ledger of budgets does not depend on it.
/// </summary>
public sealed class EventProducer : IEventOutlet, IDisposable
{
    private const int QueueKiB = 8 * 1024;
    private const int MessageTimeoutMs = 120_000;
    private const int FlushAtEndMs = 5_000;

    private static readonly Meter Meter = new("StreamPlatform.Hosting");
    private static readonly Counter<long> Lost = Meter.CreateCounter<long>("hosting.events.lost", "{event}", "Events that could not be written, by topic.");

    private readonly ConcurrentDictionary<Type, object> serializers = [];
    private readonly ISchemaRegistryClient registry;
    private readonly IProducer<byte[], byte[]> producer;
    private readonly ILogger logger;

    /// <param name="bootstrapServers">Kafka in use.</param>
    /// <param name="registry">Knows the schemas of the topics already (<see cref="PlatformTopics"/>), so that nothing waits for it.</param>
    /// <param name="logger">Told of events that were lost.</param>
    public EventProducer(string bootstrapServers, ISchemaRegistryClient registry, ILogger logger)
    {
        this.registry = registry;
        this.logger = logger;
        producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig
        {
            BootstrapServers = bootstrapServers,
            ClientId = "events",
            EnableIdempotence = true,
            Acks = Acks.All,
            LingerMs = 5,
            MessageTimeoutMs = MessageTimeoutMs,
            QueueBufferingMaxKbytes = QueueKiB,
            Partitioner = Confluent.Kafka.Partitioner.Murmur2Random, // of Java clients: a session is in the same partition of every topic
            SocketKeepaliveEnable = true,
        }).SetErrorHandler((_, error) => Log.EventClient(logger, error.Reason)).Build();
    }

    public void Send<T>(string topic, string key, string tenant, string id, long timestampMs, T value) where T : class, IMessage<T>, new()
    {
        try
        {
            var headers = new Headers
            {
                { "ce_type", Encoding.ASCII.GetBytes(value.Descriptor.FullName) },
                { "ce_id", Encoding.UTF8.GetBytes(id) },
            };
            if (tenant.Length > 0)
            {
                headers.Add("tenant", Encoding.UTF8.GetBytes(tenant));
            }

            producer.Produce(
                topic,
                new()
                {
                    Key = Encoding.UTF8.GetBytes(key),
                    Value = Serializer<T>().Serialize(topic, value),
                    Timestamp = new(timestampMs, TimestampType.CreateTime),
                    Headers = headers,
                },
                report =>
                {
                    if (report.Error.IsError)
                    {
                        NotWritten(topic, report.Error.Reason);
                    }
                });
        }
        catch (Exception e) when (e is KafkaException or InvalidOperationException or HttpRequestException)
        {
            NotWritten(topic, e.Message);
        }
    }

    public void Dispose()
    {
        producer.Flush(TimeSpan.FromMilliseconds(FlushAtEndMs));
        producer.Dispose();
    }

    private ProtobufSerializer<T> Serializer<T>() where T : class, IMessage<T>, new() =>
        (ProtobufSerializer<T>)serializers.GetOrAdd(typeof(T), _ => new ProtobufSerializer<T>(registry));

    private void NotWritten(string topic, string reason)
    {
        Lost.Add(1, new KeyValuePair<string, object?>("topic", topic));
        Log.EventLost(logger, topic, reason);
    }
}
