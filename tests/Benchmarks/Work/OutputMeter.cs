using System.Diagnostics;
using Confluent.Kafka;

namespace StreamPlatform.Tests.Benchmarks.Work;

/// <summary>A read_committed consumer that counts outputs from the topic's end on, as cheaply as Confluent.Kafka can: nothing is copied out.</summary>
internal sealed class OutputMeter : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(300);
    private readonly IConsumer<Ignore, Ignore> consumer;
    private readonly long wanted;

    public OutputMeter(WorkerArguments arguments)
    {
        wanted = arguments.Records;
        var config = new ConsumerConfig
        {
            BootstrapServers = arguments.BootstrapServers, GroupId = $"{arguments.Id}-meter", IsolationLevel = IsolationLevel.ReadCommitted,
            EnableAutoCommit = false, EnableAutoOffsetStore = false, FetchWaitMaxMs = 100, ConsumeResultFields = "none",
        };
        consumer = new ConsumerBuilder<Ignore, Ignore>(config).Build();
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var partitions = admin.GetMetadata(arguments.Out, TimeSpan.FromSeconds(10)).Topics[0].Partitions.Count;
        // the topic is new: its beginning is its end
        consumer.Assign(Enumerable.Range(0, partitions).Select(p => new TopicPartitionOffset(arguments.Out, p, Offset.Beginning)));
        consumer.Consume(TimeSpan.FromMilliseconds(500));
    }

    /// <summary>Outputs seen, seconds since the call, seconds since the first output.</summary>
    public (long Seen, double Total, double AfterFirst) Wait()
    {
        var clock = Stopwatch.StartNew();
        TimeSpan? first = null;
        long seen = 0;
        while (seen < wanted && clock.Elapsed < Limit)
        {
            if (consumer.Consume(100) is null) continue;
            first ??= clock.Elapsed;
            seen++;
        }
        return (seen, clock.Elapsed.TotalSeconds, (clock.Elapsed - (first ?? TimeSpan.Zero)).TotalSeconds);
    }

    public void Dispose() => consumer.Dispose();
}
