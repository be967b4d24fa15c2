using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace StreamPlatform.Tests.Faults.Broker;

/// <summary>
/// Fault F8 at the broker: consume-transform-produce by three instances in one group, while members leave, die, come back and the broker itself is killed
/// twice. Every input appears in the output exactly once.
/// </summary>
public sealed class ExactlyOnceStormTests
{
    private const int Partitions = 4;
    private const int Records = 4_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(150);

    // A last life may be at any of its calls: beginning (InitTransactions), a transaction with two calls and an abort, each up to Patience.
    private static readonly TimeSpan LastLives = 4 * Patience;

    [Fact]
    public async Task Rebalances_and_kills_neither_lose_nor_repeat_a_record()
    {
        await using var broker = new BrokerProcess();
        await broker.StartAsync();
        await FillAsync(broker.BootstrapServers);
        using var done = new CancellationTokenSource();
        var problems = new List<string>();
        var calls = Enumerable.Range(0, 3).Select(_ => new CallUnderWay()).ToArray();
        var instances = calls.Select((call, i) => Task.Run(() => Live(broker.BootstrapServers, i, call, problems, done.Token))).ToArray();

        for (var kill = 0; kill < 2; kill++)
        {
            await CommittedBeyondAsync(broker.BootstrapServers, Records * (kill + 1) / 3);
            await broker.KillAsync();
            await broker.StartAsync();
        }

        await CommittedBeyondAsync(broker.BootstrapServers, Records);
        await done.CancelAsync();
        var ended = Task.WhenAll(instances);
        await Task.WhenAny(ended, Task.Delay(LastLives));
        Assert.True(ended.IsCompleted, $"after {LastLives} the instances are in: {string.Join("; ", calls.Select(c => c.ToString()))}");
        await ended;

        var output = Read(broker.BootstrapServers);
        Assert.Equal(output.Count, output.Distinct().Count());
        Assert.Equal(Enumerable.Range(0, Records).Select(i => $"{i}").Order(), output.Order());
        Assert.Empty(problems);
    }

    // Lives of one instance, one after the other: each ends in an orderly way, or in the middle of a transaction.
    private static void Live(string bootstrapServers, int instance, CallUnderWay call, List<string> problems, CancellationToken done)
    {
        var random = new Random(instance);
        while (!done.IsCancellationRequested)
        {
            var consumer = new ConsumerBuilder<Ignore, string>(new ConsumerConfig
            {
                BootstrapServers = bootstrapServers, GroupId = "storm", EnableAutoCommit = false, AutoOffsetReset = AutoOffsetReset.Earliest,
                IsolationLevel = IsolationLevel.ReadCommitted, SessionTimeoutMs = 6_000, HeartbeatIntervalMs = 200, ReconnectBackoffMaxMs = 200,
                PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
            }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
            var producer = new ProducerBuilder<Null, string>(new ProducerConfig
            {
                BootstrapServers = bootstrapServers, TransactionalId = $"storm-{instance}", LingerMs = 1, TransactionTimeoutMs = 10_000, ReconnectBackoffMaxMs = 200,
            }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
            try
            {
                call.Is("InitTransactions");
                producer.InitTransactions(Patience);
                consumer.Subscribe("in");
                var dies = random.Next(3) == 0;
                for (var transactions = random.Next(10, 30); transactions > 0 && !done.IsCancellationRequested; transactions--)
                {
                    if (!Transact(consumer, producer, random, dies && transactions == 1, call))
                    {
                        break;
                    }
                }
            }
            catch (KafkaException e) when (e.Error.IsFatal || e is KafkaRetriableException || e.Error.IsLocalError || e.Error.IsBrokerError)
            {
                // a failed life: the next one starts from the committed offsets
            }
            catch (Exception e)
            {
                lock (problems)
                {
                    problems.Add(e.ToString());
                }
            }
            finally
            {
                // The group hears of every end: librdkafka now and then never returns from the destruction of a consumer that did not close (issues 3143 and 3182
                // there) and spins meanwhile. Members that vanish are the business of the tests that kill processes.
                call.Is("Close");
                Quietly(consumer.Close);
                call.Is("Dispose");
                consumer.Dispose();
                producer.Dispose();
                call.Is("between two lives");
            }
        }
    }

    private static void Quietly(Action close)
    {
        try
        {
            close();
        }
        catch (KafkaException)
        {
            // the broker is away: the session's time-out takes its place
        }
    }

    // False: this life is over.
    private static bool Transact(IConsumer<Ignore, string> consumer, IProducer<Null, string> producer, Random random, bool dieInside, CallUnderWay call)
    {
        call.Is("Consume");
        var records = new List<ConsumeResult<Ignore, string>>();
        for (var wanted = random.Next(1, 40); records.Count < wanted;)
        {
            if (consumer.Consume(TimeSpan.FromMilliseconds(200)) is not { } record)
            {
                break;
            }

            records.Add(record);
        }

        if (records.Count == 0)
        {
            return true;
        }

        producer.BeginTransaction();
        try
        {
            foreach (var record in records)
            {
                producer.Produce(new TopicPartition("out", record.Partition), new Message<Null, string> { Value = record.Message.Value });
            }

            var offsets = records.GroupBy(r => r.TopicPartition).Select(g => new TopicPartitionOffset(g.Key, g.Max(r => r.Offset.Value) + 1));
            call.Is("SendOffsetsToTransaction");
            producer.SendOffsetsToTransaction(offsets, consumer.ConsumerGroupMetadata, Patience);
            if (dieInside)
            {
                producer.Flush(TimeSpan.FromSeconds(1));
                return false;
            }

            call.Is("CommitTransaction");
            producer.CommitTransaction(Patience);
            return true;
        }
        catch (KafkaTxnRequiresAbortException)
        {
            call.Is("AbortTransaction");
            producer.AbortTransaction(Patience);
            return false; // positions are ahead of the committed offsets: start over
        }
    }

    private static async Task FillAsync(string bootstrapServers)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers }).Build();
        await admin.CreateTopicsAsync(
        [
            new TopicSpecification { Name = "in", NumPartitions = Partitions, ReplicationFactor = 1 },
            new TopicSpecification { Name = "out", NumPartitions = Partitions, ReplicationFactor = 1 },
        ]);
        using var producer = new ProducerBuilder<Null, string>(new ProducerConfig { BootstrapServers = bootstrapServers, EnableIdempotence = true }).Build();
        for (var i = 0; i < Records; i++)
        {
            producer.Produce(new TopicPartition("in", i % Partitions), new Message<Null, string> { Value = $"{i}" });
        }

        Assert.Equal(0, producer.Flush(Patience));
    }

    private static async Task CommittedBeyondAsync(string bootstrapServers, int count)
    {
        using var reader = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig { BootstrapServers = bootstrapServers, GroupId = "storm" })
            .SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        var deadline = DateTime.UtcNow + Deadline;
        while (true)
        {
            var committed = reader.Committed(Enumerable.Range(0, Partitions).Select(p => new TopicPartition("in", p)), Patience).Sum(c => Math.Max(0, c.Offset.Value));
            if (committed >= count)
            {
                return;
            }

            Assert.True(DateTime.UtcNow < deadline, $"{committed} of {count} offsets committed after {Deadline}");
            await Task.Delay(100);
        }
    }

    private static List<string> Read(string bootstrapServers)
    {
        using var consumer = new ConsumerBuilder<Ignore, string>(new ConsumerConfig
        {
            BootstrapServers = bootstrapServers, GroupId = "reader", EnablePartitionEof = true, EnableAutoCommit = false, IsolationLevel = IsolationLevel.ReadCommitted,
        }).Build();
        consumer.Assign(Enumerable.Range(0, Partitions).Select(p => new TopicPartitionOffset("out", p, Offset.Beginning)));
        var (read, ended) = (new List<string>(), 0);
        while (ended < Partitions)
        {
            var result = consumer.Consume(Patience);
            Assert.NotNull(result);
            if (result.IsPartitionEOF)
            {
                ended++;
            }
            else
            {
                read.Add(result.Message.Value);
            }
        }

        return read;
    }

    // Which call an instance is in, for the message of a run that did not end.
    private sealed class CallUnderWay
    {
        private volatile string text = "nothing yet";

        public void Is(string name) => text = $"{name} since {DateTime.UtcNow:HH:mm:ss.f}";

        public override string ToString() => text;
    }
}
