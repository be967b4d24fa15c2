using System.Collections.Concurrent;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace StreamPlatform.Tests.Faults.Broker;

/// <summary>Fault F2: kill -9 of the embedded broker under acks=all load of 100,000 numbered records, five times.</summary>
public sealed class KillUnderLoadTests
{
    private const int Kills = 5;
    private const int Partitions = 3;
    private const int Records = 100_000;
    private static readonly TimeSpan ReadyWithin = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Every_acked_record_is_readable_in_order_after_five_kills()
    {
        await using var broker = new BrokerProcess();
        await broker.StartAsync();
        await CreateTopicAsync(broker.BootstrapServers);
        var acked = new ConcurrentQueue<(int Partition, int Number)>();
        var failed = new ConcurrentQueue<Error>();
        using var stop = new CancellationTokenSource();
        using var producer = new ProducerBuilder<Null, string>(new ProducerConfig
        {
            BootstrapServers = broker.BootstrapServers, EnableIdempotence = true, Acks = Acks.All, LingerMs = 1, BatchNumMessages = 100,
            ReconnectBackoffMaxMs = 200, MessageTimeoutMs = 120_000, QueueBufferingMaxMessages = 10_000,
        }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        var load = Task.Run(() => Load(producer, acked, failed, stop.Token));

        for (var kill = 1; kill <= Kills; kill++)
        {
            // the producer's queue is shorter than what is left after the last kill: every kill meets load
            await AckedBeyondAsync(acked, failed, Records / (Kills + 1) * kill);
            await broker.KillAsync();
            var ready = await broker.StartAsync();
            Assert.True(ready <= ReadyWithin, $"ready only after {ready}\n{broker.Log}");
        }

        await AckedBeyondAsync(acked, failed, Records);
        await stop.CancelAsync();
        await load;
        Assert.Equal(0, producer.Flush(Patience));

        Assert.Empty(failed);
        Assert.Equal(Records, acked.Count);
        var stored = Read(broker.BootstrapServers);
        for (var partition = 0; partition < Partitions; partition++)
        {
            var numbers = stored[partition];
            // written in order and, the producer being idempotent, once
            Assert.Equal(numbers.Order().Distinct(), numbers);
            Assert.Empty(acked.Where(a => a.Partition == partition).Select(a => a.Number).Except(numbers));
        }
    }

    private static async Task CreateTopicAsync(string bootstrapServers)
    {
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers }).Build();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = "load", NumPartitions = Partitions, ReplicationFactor = 1 }]);
    }

    private static void Load(
        IProducer<Null, string> producer, ConcurrentQueue<(int Partition, int Number)> acked, ConcurrentQueue<Error> failed, CancellationToken stop)
    {
        for (var number = 0; number < Records && !stop.IsCancellationRequested; number++)
        {
            var (partition, own) = (number % Partitions, number);
            try
            {
                producer.Produce(new TopicPartition("load", partition), new Message<Null, string> { Value = $"{number}" }, report =>
                {
                    if (report.Error.IsError)
                    {
                        failed.Enqueue(report.Error);
                    }
                    else
                    {
                        acked.Enqueue((partition, own));
                    }
                });
            }
            catch (ProduceException<Null, string> e) when (e.Error.Code == ErrorCode.Local_QueueFull)
            {
                number--;
                stop.WaitHandle.WaitOne(5);
            }
        }
    }

    private static async Task AckedBeyondAsync(ConcurrentQueue<(int Partition, int Number)> acked, ConcurrentQueue<Error> failed, int count)
    {
        var deadline = DateTime.UtcNow + Patience;
        while (acked.Count < count)
        {
            Assert.Empty(failed);
            Assert.True(DateTime.UtcNow < deadline, $"{acked.Count} of {count} records acked after {Patience}");
            await Task.Delay(5);
        }
    }

    private static List<int>[] Read(string bootstrapServers)
    {
        var stored = Enumerable.Range(0, Partitions).Select(_ => new List<int>()).ToArray();
        using var consumer = new ConsumerBuilder<Ignore, string>(new ConsumerConfig
        {
            BootstrapServers = bootstrapServers, GroupId = "reader", EnablePartitionEof = true, EnableAutoCommit = false,
        }).Build();
        consumer.Assign(Enumerable.Range(0, Partitions).Select(p => new TopicPartitionOffset("load", p, Offset.Beginning)));
        var ended = new HashSet<int>();
        var deadline = DateTime.UtcNow + Patience;
        while (ended.Count < Partitions)
        {
            Assert.True(DateTime.UtcNow < deadline, "the end of the partitions is not reached");
            if (consumer.Consume(TimeSpan.FromMilliseconds(100)) is { } result)
            {
                if (result.IsPartitionEOF)
                {
                    ended.Add(result.Partition.Value);
                }
                else
                {
                    stored[result.Partition.Value].Add(int.Parse(result.Message.Value, System.Globalization.CultureInfo.InvariantCulture));
                }
            }
        }

        return stored;
    }
}
