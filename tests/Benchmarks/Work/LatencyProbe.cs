using System.Diagnostics;
using Confluent.Kafka;

namespace StreamPlatform.Tests.Benchmarks.Work;

/// <summary>
/// Feeds a topic at a steady rate and times each record from its creation (its timestamp, which outputs keep, ms) to where a read_committed consumer sees its output.
/// The first records warm the system up and do not count.
/// </summary>
internal sealed class LatencyProbe(string bootstrapServers, string input, string output)
{
    public const int PerSecond = 2_000;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(90);

    /// <summary>Latencies of the measured records, ms, sorted.</summary>
    /// <exception cref="BenchFailedException">Outputs are missing.</exception>
    public async Task<long[]> RunAsync(int warmUp, int measured)
    {
        using var stop = new CancellationTokenSource(Limit);
        var meter = Task.Factory.StartNew(() => Measure(warmUp, measured, stop.Token), TaskCreationOptions.LongRunning);
        await Task.Factory.StartNew(() => Feed(warmUp + measured, stop.Token), TaskCreationOptions.LongRunning);
        var latencies = await meter;
        Array.Sort(latencies);
        return latencies;
    }

    private void Feed(int records, CancellationToken stop)
    {
        using var producer = new ProducerBuilder<byte[], byte[]>(new ProducerConfig { BootstrapServers = bootstrapServers, LingerMs = 0, Acks = Acks.All }).Build();
        var value = new byte[200];
        var clock = Stopwatch.StartNew();
        using var tick = new ManualResetEventSlim();
        for (var i = 0; i < records && !stop.IsCancellationRequested;)
        {
            var due = Math.Min(records, (int)(clock.Elapsed.TotalSeconds * PerSecond));
            for (; i < due; i++)
                producer.Produce(new TopicPartition(input, i % 4), new Message<byte[], byte[]> { Key = BitConverter.GetBytes(i % 1_000), Value = value, Timestamp = new Timestamp(DateTimeOffset.UtcNow) });
            tick.Wait(1, CancellationToken.None);
        }
        producer.Flush(TimeSpan.FromSeconds(10));
    }

    private long[] Measure(int warmUp, int measured, CancellationToken stop)
    {
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig
        {
            BootstrapServers = bootstrapServers, GroupId = $"{output}-probe", IsolationLevel = IsolationLevel.ReadCommitted, EnableAutoCommit = false, FetchWaitMaxMs = 5,
        }).Build();
        consumer.Assign(Enumerable.Range(0, 4).Select(p => new TopicPartitionOffset(output, p, Offset.Beginning)));
        var latencies = new long[measured];
        for (var seen = 0; seen < warmUp + measured;)
        {
            if (stop.IsCancellationRequested) throw new BenchFailedException($"only {seen} of {warmUp + measured} outputs came within {Limit}");
            if (consumer.Consume(100) is not { } result) continue;
            if (seen >= warmUp) latencies[seen - warmUp] = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - result.Message.Timestamp.UnixTimestampMs;
            seen++;
        }
        return latencies;
    }
}
