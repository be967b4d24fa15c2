using System.Diagnostics;
using Confluent.Kafka;

namespace StreamPlatform.Tests.Benchmarks.Work;

/// <summary>
/// The bare Confluent.Kafka loop a person would write: consume, change, produce; one thread per instance. Transactional: offsets and commit in the
/// transaction every interval. Plain: one cached delivery handler, offsets stored and committed after delivery.
/// </summary>
internal sealed class PlainLoop(CancellationTokenSource stop, List<Task> threads) : IAsyncDisposable
{
    public static Task<IAsyncDisposable> StartAsync(WorkerArguments arguments, bool transactional)
    {
        var stop = new CancellationTokenSource();
        List<Task> threads = [];
        for (var slot = 0; slot < arguments.Instances; slot++)
        {
            var mine = slot;
            threads.Add(Task.Factory.StartNew(() => Run(arguments, mine, transactional, stop.Token), TaskCreationOptions.LongRunning));
        }
        return Task.FromResult<IAsyncDisposable>(new PlainLoop(stop, threads));
    }

    private static void Run(WorkerArguments arguments, int slot, bool transactional, CancellationToken stop)
    {
        using var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
        {
            BootstrapServers = arguments.BootstrapServers, GroupId = arguments.Id, AutoOffsetReset = AutoOffsetReset.Earliest, EnableAutoCommit = false,
            EnableAutoOffsetStore = false, IsolationLevel = IsolationLevel.ReadCommitted, PartitionAssignmentStrategy = PartitionAssignmentStrategy.Range, FetchWaitMaxMs = 100,
        }).Build();
        var config = new ProducerConfig
        {
            BootstrapServers = arguments.BootstrapServers, EnableIdempotence = true, LingerMs = 5, BatchNumMessages = 10_000,
            QueueBufferingMaxMessages = 500_000, QueueBufferingMaxKbytes = 256 * 1024,
        };
        if (transactional) { config.TransactionalId = $"{arguments.Id}-{slot}"; config.EnableDeliveryReports = false; }
        using var producer = new ProducerBuilder<byte[], byte[]>(config).Build();
        var failed = 0;
        Action<DeliveryReport<byte[], byte[]>>? handler = transactional ? null : report => { if (report.Error.IsError) failed++; };
        if (transactional) { producer.InitTransactions(TimeSpan.FromSeconds(30)); producer.BeginTransaction(); }
        consumer.Subscribe(arguments.In);
        var since = Stopwatch.StartNew();
        var any = false;
        while (!stop.IsCancellationRequested)
        {
            var result = consumer.Consume(10);
            if (result is not null)
            {
                any = true;
                var message = new Message<byte[], byte[]> { Key = result.Message.Key, Value = RuntimeWork.Map(result.Message.Value), Timestamp = result.Message.Timestamp };
                Produce(producer, new TopicPartition(arguments.Out, result.Partition), message, handler);
                consumer.StoreOffset(result);
            }
            if (!any || since.ElapsedMilliseconds < arguments.CommitMs) continue;
            if (transactional)
            {
                producer.SendOffsetsToTransaction(consumer.Assignment.Select(p => new TopicPartitionOffset(p, consumer.Position(p))).Where(o => o.Offset.Value >= 0), consumer.ConsumerGroupMetadata, TimeSpan.FromSeconds(30));
                producer.CommitTransaction(TimeSpan.FromSeconds(30));
                producer.BeginTransaction();
            }
            else
            {
                producer.Flush(TimeSpan.FromSeconds(30));
                if (failed > 0) throw new InvalidOperationException($"{failed} records were not delivered");
                consumer.Commit();
            }
            any = false;
            since.Restart();
        }
        consumer.Close();
    }

    private static void Produce(IProducer<byte[], byte[]> producer, TopicPartition to, Message<byte[], byte[]> message, Action<DeliveryReport<byte[], byte[]>>? handler)
    {
        while (true)
        {
            try { producer.Produce(to, message, handler); return; }
            catch (ProduceException<byte[], byte[]> e) when (e.Error.Code == ErrorCode.Local_QueueFull) { producer.Flush(TimeSpan.FromMilliseconds(100)); }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(threads);
        stop.Dispose();
    }
}
