using System.Collections.Concurrent;
using System.Text;
using Confluent.Kafka;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using StreamPlatform.Streams;

namespace StreamPlatform.Hosting;

/// <summary>Writes a service's own few events (audit, invalidations) to Kafka; what streams processors write goes through their transactions.</summary>
/// <param name="context">Kafka and registry in use.</param>
public sealed class EventPublisher(ServiceContext context) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly ILogger logger = context.Loggers.CreateLogger<EventPublisher>();
    private readonly ConcurrentDictionary<Type, object> serdes = new(); // one per kind of event
    private readonly IProducer<byte[], byte[]> producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig
    {
        BootstrapServers = context.BootstrapServers,
        ClientId = "platform-events",
        Acks = Acks.All,
        EnableIdempotence = true,
        LingerMs = 5,
        MessageTimeoutMs = (int)Patience.TotalMilliseconds,
        QueueBufferingMaxKbytes = 16 * 1024,
    }).Build();

    /// <summary>Ends when Kafka has confirmed the record. False when it did not: the log says so, and the caller goes on.</summary>
    /// <param name="id">Deterministic, unique per record of the topic: header ce_id.</param>
    public async Task<bool> PublishAsync<T>(string topic, string key, string tenant, string id, T value, CancellationToken cancellationToken)
        where T : class, IMessage<T>, new()
    {
        try
        {
            await producer.ProduceAsync(
                topic,
                new()
                {
                    Key = Encoding.UTF8.GetBytes(key),
                    Value = ((ISerde<T>)serdes.GetOrAdd(typeof(T), _ => context.Serdes.For<T>())).Serialize(topic, value),
                    Headers =
                    [
                        new Header("tenant", Encoding.UTF8.GetBytes(tenant)), new Header("ce_type", Encoding.UTF8.GetBytes(value.Descriptor.FullName)), new Header("ce_id", Encoding.UTF8.GetBytes(id)),
                    ],
                },
                cancellationToken);
            return true;
        }
        catch (Exception e) when (e is KafkaException or HttpRequestException)
        {
            Log.NotPublished(logger, topic, e);
            return false;
        }
    }

    public void Dispose()
    {
        producer.Flush(TimeSpan.FromSeconds(2));
        producer.Dispose();
    }
}
