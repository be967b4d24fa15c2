using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace StreamPlatform.Tests.Conformance.Broker;

/// <summary>
/// What a client may rely on, seen through librdkafka. The same tests run on the embedded broker and on Apache Kafka, which is the judge.
/// Each test has its own topics, groups and transactional ids, so order does not matter.
/// </summary>
public abstract partial class BrokerSuite
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private readonly IBrokerUnderTest broker;

    protected BrokerSuite(IBrokerUnderTest broker)
    {
        this.broker = broker;
        if (broker.SkipReason is { } reason)
        {
            Assert.Skip(reason);
        }
    }

    private static string Unique(string prefix) => $"{prefix}-{Guid.NewGuid():N}";

    private IAdminClient Admin() =>
        new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).SetLogHandler(Quiet).Build();

    private async Task<string> NewTopicAsync(int partitions = 1, Dictionary<string, string>? configs = null)
    {
        var topic = Unique("topic");
        using var admin = Admin();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = partitions, ReplicationFactor = 1, Configs = configs }]);
        await Eventually(() => admin.GetMetadata(topic, Patience).Topics.Single().Partitions.Count == partitions, "topic metadata");
        return topic;
    }

    private IProducer<string, string> Producer(Action<ProducerConfig>? change = null)
    {
        var config = new ProducerConfig { BootstrapServers = broker.BootstrapServers, LingerMs = 2, Acks = Acks.All, SocketTimeoutMs = 10_000 };
        change?.Invoke(config);
        return new ProducerBuilder<string, string>(config).SetLogHandler(Quiet).SetErrorHandler(Quiet).Build();
    }

    private IProducer<string, string> TransactionalProducer(string transactionalId, int timeoutMs = 60_000)
    {
        var producer = Producer(c =>
        {
            c.TransactionalId = transactionalId;
            c.TransactionTimeoutMs = timeoutMs;
            c.MessageTimeoutMs = Math.Min(timeoutMs, 30_000);
            c.SocketTimeoutMs = Math.Min(timeoutMs, 10_000);
        });
        producer.InitTransactions(Patience);
        return producer;
    }

    private IConsumer<string, string> Consumer(
        string? group = null, Action<ConsumerConfig>? change = null, Action<ConsumerBuilder<string, string>>? build = null)
    {
        var config = new ConsumerConfig
        {
            BootstrapServers = broker.BootstrapServers,
            GroupId = group ?? Unique("group"),
            AutoOffsetReset = AutoOffsetReset.Earliest,
            EnableAutoCommit = false,
            EnablePartitionEof = true,
            FetchWaitMaxMs = 50,
            SessionTimeoutMs = 10_000,
            HeartbeatIntervalMs = 200,
            IsolationLevel = IsolationLevel.ReadCommitted,
        };
        change?.Invoke(config);
        var builder = new ConsumerBuilder<string, string>(config).SetLogHandler(Quiet);
        build?.Invoke(builder);
        return builder.Build();
    }

    /// <summary>Everything in the given partitions up to their ends, read by assignment.</summary>
    private List<ConsumeResult<string, string>> ReadToEnd(
        string topic, IsolationLevel isolation = IsolationLevel.ReadCommitted, int partitions = 1, long from = 0)
    {
        using var consumer = Consumer(change: c => c.IsolationLevel = isolation);
        consumer.Assign(Enumerable.Range(0, partitions).Select(p => new TopicPartitionOffset(topic, p, from)));
        return UntilEnd(consumer, partitions);
    }

    private static List<ConsumeResult<string, string>> UntilEnd(IConsumer<string, string> consumer, int partitions = 1)
    {
        var read = new List<ConsumeResult<string, string>>();
        var ended = new HashSet<int>();
        var deadline = DateTime.UtcNow + Patience;
        while (ended.Count < partitions)
        {
            Assert.True(DateTime.UtcNow < deadline, $"no end of partition after {Patience}: {read.Count} records, {ended.Count} ends");
            if (consumer.Consume(TimeSpan.FromMilliseconds(100)) is not { } result)
            {
                continue;
            }

            if (result.IsPartitionEOF)
            {
                ended.Add(result.Partition.Value);
            }
            else
            {
                read.Add(result);
            }
        }

        return read;
    }

    /// <summary>The next records of a subscribed consumer, as many as asked for.</summary>
    private static List<ConsumeResult<string, string>> Take(IConsumer<string, string> consumer, int count)
    {
        var read = new List<ConsumeResult<string, string>>();
        var deadline = DateTime.UtcNow + Patience;
        while (read.Count < count)
        {
            Assert.True(DateTime.UtcNow < deadline, $"only {read.Count} of {count} records after {Patience}");
            if (consumer.Consume(TimeSpan.FromMilliseconds(100)) is { IsPartitionEOF: false } result)
            {
                read.Add(result);
            }
        }

        return read;
    }

    private static async Task ProduceAsync(IProducer<string, string> producer, string topic, params string[] values)
    {
        foreach (var value in values)
        {
            await producer.ProduceAsync(topic, new Message<string, string> { Key = "k", Value = value }).WaitAsync(Patience);
        }
    }

    /// <summary>Polls all consumers in turn until the condition holds.</summary>
    private static void PollUntil(IEnumerable<IConsumer<string, string>> consumers, Func<bool> condition, string what, TimeSpan? within = null)
    {
        var members = consumers.ToList();
        var deadline = DateTime.UtcNow + (within ?? Patience);
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < deadline, $"not within {within ?? Patience}: {what}");
            foreach (var consumer in members)
            {
                try
                {
                    consumer.Consume(TimeSpan.FromMilliseconds(20));
                }
                catch (ConsumeException e) when (e.Error.Code is ErrorCode.Local_MaxPollExceeded or ErrorCode.UnknownTopicOrPart)
                {
                    // reported once by librdkafka, which then rejoins
                }
            }
        }
    }

    private static async Task Eventually(Func<bool> condition, string what, TimeSpan? within = null)
    {
        var deadline = DateTime.UtcNow + (within ?? Patience);
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < deadline, $"not within {within ?? Patience}: {what}");
            await Task.Delay(50);
        }
    }

    private static void Quiet(object client, LogMessage message)
    {
        if (Environment.GetEnvironmentVariable("CONFORMANCE_CLIENT_LOG") is not null)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{message.Name} {message.Facility} {message.Message}");
        }
    }

    private static void Quiet(object client, Error error) =>
        Quiet(client, new LogMessage("client", SyslogLevel.Error, "error", error.ToString()));
}
