using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StreamPlatform.Streams;
using StreamPlatform.Tests.Conformance.Broker;

namespace StreamPlatform.Tests.Conformance.Streams;

/// <summary>The stream runtime's promises on a broker. The same tests run on the embedded broker and on Apache Kafka; each has its own topics and application.</summary>
public abstract partial class StreamsSuite
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private protected static readonly ISerde<string> Text = Serdes.Utf8;
    private readonly IBrokerUnderTest broker;
    private readonly string app = $"app-{Guid.NewGuid():N}"[..16];
    private int topics;

    protected StreamsSuite(IBrokerUnderTest broker)
    {
        this.broker = broker;
        if (broker.SkipReason is { } reason) Assert.Skip(reason);
    }

    private protected async Task<string> Topic(string name, int partitions = 4, bool compacted = false)
    {
        var topic = $"{app}.{name}{topics++}";
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).SetLogHandler((_, _) => { }).Build();
        await admin.CreateTopicsAsync([new TopicSpecification
        {
            Name = topic, NumPartitions = partitions, ReplicationFactor = 1,
            Configs = compacted ? new() { ["cleanup.policy"] = "compact" } : null,
        }]);
        return topic;
    }

    private protected Task Produce(string topic, IEnumerable<(string Key, string Value)> records) => Produce(topic, records, null);

    private async Task Produce(string topic, IEnumerable<(string Key, string Value)> records, long? timestampMs)
    {
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = broker.BootstrapServers, LingerMs = 1, Partitioner = Partitioner.Murmur2Random })
            .SetLogHandler((_, _) => { }).Build();
        var acks = new List<Task>();
        foreach (var (key, value) in records)
        {
            var message = new Message<string, string> { Key = key, Value = value };
            if (timestampMs is { } at) message.Timestamp = new Timestamp(at, TimestampType.CreateTime);
            acks.Add(producer.ProduceAsync(topic, message));
        }
        await Task.WhenAll(acks).WaitAsync(Patience);
    }

    /// <summary>Everything committed in a topic now.</summary>
    private protected List<ConsumeResult<string, string>> ReadAll(string topic)
    {
        using var consumer = new ConsumerBuilder<string, string>(new ConsumerConfig
        {
            BootstrapServers = broker.BootstrapServers, GroupId = "reader", EnableAutoCommit = false, EnablePartitionEof = true,
            IsolationLevel = IsolationLevel.ReadCommitted, AutoOffsetReset = AutoOffsetReset.Earliest, FetchWaitMaxMs = 20,
        }).SetLogHandler((_, _) => { }).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var partitions = admin.GetMetadata(topic, Patience).Topics.Single().Partitions.Count;
        consumer.Assign(Enumerable.Range(0, partitions).Select(p => new TopicPartitionOffset(topic, p, Offset.Beginning)));
        var read = new List<ConsumeResult<string, string>>();
        var ended = new HashSet<int>();
        var deadline = DateTime.UtcNow + Patience;
        while (ended.Count < partitions)
        {
            Assert.True(DateTime.UtcNow < deadline, $"{topic}: no end of partition");
            if (consumer.Consume(100) is not { } result) continue;
            if (result.IsPartitionEOF) ended.Add(result.Partition.Value);
            else read.Add(result);
        }
        return read;
    }

    private protected async Task<List<ConsumeResult<string, string>>> Until(string topic, int count, params StreamsApplication[] running)
    {
        var deadline = DateTime.UtcNow + Patience;
        while (true)
        {
            foreach (var application in running)
                if (application.Completion.IsFaulted) await application.Completion;
            var read = ReadAll(topic);
            if (read.Count >= count) return read;
            Assert.True(DateTime.UtcNow < deadline, $"{topic}: {read.Count} of {count} records after {Patience}");
            await Task.Delay(50);
        }
    }

    private protected static async Task Eventually(Func<bool> condition, string what)
    {
        var deadline = DateTime.UtcNow + Patience;
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < deadline, $"not within {Patience}: {what}");
            await Task.Delay(20);
        }
    }

    private protected async Task<StreamsApplication> Start(Action<StreamsBuilder> build, Action<StreamsOptions>? change = null, ITransport? transport = null, Action<StreamsApplication>? before = null, string? name = null)
    {
        var application = Make(build, change, transport, name);
        before?.Invoke(application);
        await application.StartAsync();
        await application.Running.WaitAsync(Patience);
        return application;
    }

    private protected StreamsApplication Make(Action<StreamsBuilder> build, Action<StreamsOptions>? change, ITransport? transport = null, string? name = null)
    {
        var builder = new StreamsBuilder(name ?? app);
        build(builder);
        var options = new StreamsOptions { BootstrapServers = broker.BootstrapServers, CommitIntervalMs = 50, SessionTimeoutMs = 6_000, StartPatienceMs = 1_000 };
        change?.Invoke(options);
        return new StreamsApplication(builder.Build(), options, transport, loggers: new TestLog());
    }

    private Dictionary<int, long> CommittedOffsets(string topic, int partitions = 4)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig { BootstrapServers = broker.BootstrapServers, GroupId = app }).SetLogHandler((_, _) => { }).Build();
        return consumer.Committed(Enumerable.Range(0, partitions).Select(p => new TopicPartition(topic, p)), Patience)
            .Where(o => o.Offset.Value >= 0).ToDictionary(o => o.Partition.Value, o => o.Offset.Value);
    }

    private protected static IEnumerable<(string, string)> Numbers(int count, int keys, int from = 0) =>
        Enumerable.Range(from, count).Select(i => ($"key{i % keys}", $"{i}"));
}
