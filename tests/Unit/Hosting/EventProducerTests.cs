using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.Broker;
using StreamPlatform.Hosting;
using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Tests.Unit.Hosting;

/// <summary>Events that nobody waits for, through a broker.</summary>
public sealed class EventProducerTests : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("events-").FullName;
    private readonly InMemorySchemaRegistryClient registry = new();
    private KafkaBroker broker = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        broker = await KafkaBroker.StartAsync(new() { DataDirectory = folder }, TimeProvider.System, NullLoggerFactory.Instance, Ct);
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).Build();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = Topics.AiCosts, NumPartitions = Topics.SessionPartitions, ReplicationFactor = 1 }]);
        await SchemaCatalogue.RegisterAllAsync(registry, null, Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await broker.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task What_was_sent_is_on_the_topic_when_the_producer_is_closed_in_the_partition_of_its_session()
    {
        using (var producer = new EventProducer(broker.BootstrapServers, registry, NullLogger.Instance))
        {
            for (var i = 0; i < 20; i++)
            {
                producer.Send(Topics.AiCosts, $"session-{i}", "acme", $"call-{i}", 1_700_000_000_000 + i, new AiCallEnded { CallId = $"call-{i}", SessionId = $"session-{i}", CostUsd = 0.5 });
            }
        }

        using var reference = new ProducerBuilder<string, byte[]>(new ProducerConfig { BootstrapServers = broker.BootstrapServers, Partitioner = Partitioner.Murmur2Random }).Build();
        using var consumer = new ConsumerBuilder<string, byte[]>(new ConsumerConfig { BootstrapServers = broker.BootstrapServers, GroupId = "t", AutoOffsetReset = AutoOffsetReset.Earliest }).Build();
        consumer.Assign(Enumerable.Range(0, Topics.SessionPartitions).Select(p => new TopicPartitionOffset(Topics.AiCosts, p, Offset.Beginning)));
        var read = Enumerable.Range(0, 20).Select(_ => consumer.Consume(Ct)).ToDictionary(r => r.Message.Key);
        var decoder = new StreamPlatform.Schemas.ProtobufDeserializer<AiCallEnded>();
        foreach (var (session, record) in read)
        {
            var call = decoder.Deserialize(Topics.AiCosts, record.Message.Value);
            Assert.Equal((session, 0.5), (call.SessionId, call.CostUsd));
            Assert.Equal("acme", Encoding.UTF8.GetString(record.Message.Headers.GetLastBytes("tenant")));
            Assert.Equal(AiCallEnded.Descriptor.FullName, Encoding.UTF8.GetString(record.Message.Headers.GetLastBytes("ce_type")));
        }

        // session-0's partition is the one that a Java client's partitioner gives it
        var asked = await reference.ProduceAsync(Topics.AiCosts, new() { Key = "session-0", Value = [] }, Ct);
        Assert.Equal(asked.Partition, read["session-0"].Partition);
    }
}
