using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging.Abstractions;
using StreamPlatform.Broker;
using StreamPlatform.Broker.Requests;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Tests.Faults.Broker;

/// <summary>Fault F7 and its like for transactions: requests that are executed but whose answers are lost, so that clients repeat them.</summary>
public sealed class LostAnswersTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Ten_percent_lost_produce_answers_make_no_duplicates_and_no_gaps()
    {
        var random = new Random(7);
        await using var host = await Host.StartAsync(context =>
            context.Key == ApiKey.Produce && Chance(random, 10) ? new Fault(FaultKind.CutAfter) : Fault.None);
        using (var producer = host.Producer(null))
        {
            await Task.WhenAll(Enumerable.Range(0, 3_000).Select(i => producer.ProduceAsync("out", new Message<Null, string> { Value = $"{i}" }))).WaitAsync(Patience);
        }

        Assert.Equal(Enumerable.Range(0, 3_000).Select(i => $"{i}"), host.Read("out"));
    }

    [Fact]
    public async Task Lost_answers_of_every_transactional_request_leave_each_record_once()
    {
        var random = new Random(11);
        ApiKey[] struck = [ApiKey.Produce, ApiKey.AddPartitionsToTxn, ApiKey.AddOffsetsToTxn, ApiKey.TxnOffsetCommit, ApiKey.EndTxn, ApiKey.InitProducerId];
        var armed = false;
        await using var host = await Host.StartAsync(context =>
            armed && struck.Contains(context.Key) && Chance(random, 10) ? new Fault(FaultKind.CutAfter) : Fault.None);
        using var producer = host.Producer("tx");
        producer.InitTransactions(Patience);
        armed = true;
        var group = new ConsumerBuilder<Ignore, string>(new ConsumerConfig { BootstrapServers = host.BootstrapServers, GroupId = "g" }).SetLogHandler((_, _) => { }).Build();
        var expected = new List<string>();
        long offset = 0;
        for (var number = 0; number < 150; number++)
        {
            expected.AddRange(Commit(producer, group.ConsumerGroupMetadata, number, ref offset));
        }

        armed = false;
        Assert.Equal(expected, host.Read("out"));
        Assert.Equal(offset, group.Committed([new TopicPartition("in", 0)], Patience).Single().Offset.Value);
        group.Dispose();
    }

    // One transaction; where the client says that it must be aborted it is, and tried again.
    private static string[] Commit(IProducer<Null, string> producer, IConsumerGroupMetadata group, int number, ref long offset)
    {
        string[] values = [$"{number}a", $"{number}b"];
        while (true)
        {
            try
            {
                producer.BeginTransaction();
                foreach (var value in values)
                {
                    producer.Produce("out", new Message<Null, string> { Value = value });
                }

                producer.SendOffsetsToTransaction([new TopicPartitionOffset("in", 0, offset + 2)], group, Patience);
                Again(() => producer.CommitTransaction(Patience));
                offset += 2;
                return values;
            }
            catch (KafkaTxnRequiresAbortException)
            {
                Again(() => producer.AbortTransaction(Patience));
            }
        }
    }

    private static void Again(Action action)
    {
        while (true)
        {
            try
            {
                action();
                return;
            }
            catch (KafkaRetriableException)
            {
                // outcome unknown: the same call says it
            }
        }
    }

    private static bool Chance(Random random, int percent)
    {
        lock (random)
        {
            return random.Next(100) < percent;
        }
    }

    private sealed class Host(KafkaBroker broker, string data) : IAsyncDisposable
    {
        public string BootstrapServers => broker.BootstrapServers;

        public static async Task<Host> StartAsync(Func<RequestContext, Fault> faults)
        {
            var data = Path.Combine(Path.GetTempPath(), "faults-answers-" + Guid.NewGuid().ToString("N"));
            var broker = await KafkaBroker.StartAsync(new BrokerOptions { DataDirectory = data, FaultHook = faults }, TimeProvider.System, NullLoggerFactory.Instance);
            using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).Build();
            await admin.CreateTopicsAsync(
            [
                new TopicSpecification { Name = "in", NumPartitions = 1, ReplicationFactor = 1 },
                new TopicSpecification { Name = "out", NumPartitions = 1, ReplicationFactor = 1 },
            ]);
            return new Host(broker, data);
        }

        public IProducer<Null, string> Producer(string? transactionalId) => new ProducerBuilder<Null, string>(new ProducerConfig
        {
            BootstrapServers = BootstrapServers, EnableIdempotence = true, TransactionalId = transactionalId, LingerMs = 0, BatchNumMessages = 20,
            ReconnectBackoffMs = 5, ReconnectBackoffMaxMs = 50, RetryBackoffMs = 5, RetryBackoffMaxMs = 50,
        }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();

        public List<string> Read(string topic)
        {
            using var consumer = new ConsumerBuilder<Ignore, string>(new ConsumerConfig
            {
                BootstrapServers = BootstrapServers, GroupId = "reader", EnablePartitionEof = true, EnableAutoCommit = false, IsolationLevel = IsolationLevel.ReadCommitted,
            }).Build();
            consumer.Assign(new TopicPartitionOffset(topic, 0, 0));
            var read = new List<string>();
            while (consumer.Consume(Patience) is { IsPartitionEOF: false } result)
            {
                read.Add(result.Message.Value);
            }

            return read;
        }

        public async ValueTask DisposeAsync()
        {
            await broker.DisposeAsync();
            Directory.Delete(data, recursive: true);
        }
    }
}
