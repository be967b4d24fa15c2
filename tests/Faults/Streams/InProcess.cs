using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Faults.Streams;

/// <summary>What faults inside one process need: topics, records, a running application.</summary>
public abstract partial class StreamsFaults
{
    private const int Partitions = 8;
    private static readonly ISerde<string> Text = Serdes.Utf8;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string application = $"faults-{Guid.NewGuid():N}"[..16];

    private async Task<string> TopicAsync(string name)
    {
        var topic = $"{application}.{name}";
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers }).SetLogHandler((_, _) => { }).Build();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = Partitions, ReplicationFactor = 1 }]);
        return topic;
    }

    /// <summary>Writes records in order and returns when all are acknowledged. Time 0 = now.</summary>
    private async Task ProduceAsync(string topic, IEnumerable<(string Key, string Value, long TimestampMs)> records)
    {
        await Task.Run(() =>
        {
            var failed = 0;
            using var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = bootstrapServers, EnableIdempotence = true, LingerMs = 1, QueueBufferingMaxMessages = 1_000_000 }).SetLogHandler((_, _) => { }).Build();
            foreach (var (key, value, timestampMs) in records)
                producer.Produce(topic, new Message<string, string> { Key = key, Value = value, Timestamp = timestampMs == 0 ? Timestamp.Default : new Timestamp(timestampMs, TimestampType.CreateTime) },
                    report => { if (report.Error.IsError) failed++; });
            Assert.Equal(0, producer.Flush(Patience));
            Assert.Equal(0, failed);
        });
    }

    private async Task<StreamsApplication> StartAsync(Action<StreamsBuilder> build, TimeProvider time, Action<StreamsOptions>? change = null)
    {
        var builder = new StreamsBuilder(application);
        build(builder);
        var options = new StreamsOptions { BootstrapServers = bootstrapServers, SessionTimeoutMs = 6_000 };
        change?.Invoke(options);
        var running = new StreamsApplication(builder.Build(), options, time: time);
        await running.StartAsync();
        await running.Running.WaitAsync(Patience);
        return running;
    }

    /// <summary>Reads committed records until there are <paramref name="count"/>, and what else is there; in order per partition.</summary>
    private async Task<List<ConsumeResult<string, string>>> ReadAsync(string topic, int count)
    {
        return await Task.Run(() =>
        {
            using var consumer = new ConsumerBuilder<string, string>(new ConsumerConfig
            {
                BootstrapServers = bootstrapServers, GroupId = "checker", EnableAutoCommit = false, IsolationLevel = IsolationLevel.ReadCommitted, AutoOffsetReset = AutoOffsetReset.Earliest,
            }).SetLogHandler((_, _) => { }).Build();
            consumer.Assign(Enumerable.Range(0, Partitions).Select(p => new TopicPartitionOffset(topic, p, Offset.Beginning)));
            var read = new List<ConsumeResult<string, string>>();
            while (consumer.Consume(read.Count < count ? Patience : TimeSpan.FromSeconds(1)) is { } result) read.Add(result);
            Assert.Equal(count, read.Count);
            return read;
        });
    }
}
