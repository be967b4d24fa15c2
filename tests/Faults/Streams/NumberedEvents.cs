using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace StreamPlatform.Tests.Faults.Streams;

/// <summary>Numbered events over keys and partitions, written at a pace, and the checker of what a counting application makes of them: per key none lost, none twice, in order, state as the model's.</summary>
internal sealed class NumberedEvents : IAsyncDisposable
{
    public const string Store = "counts";
    private int allowed = int.MaxValue;
    public const int Partitions = 8;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly int keys;
    private readonly int[] seen;
    private readonly CancellationTokenSource stop = new();
    private Task feeding = Task.CompletedTask;
    private Task checking = Task.CompletedTask;
    private int checkedCount;
    private volatile string? wrong;

    private NumberedEvents(string bootstrapServers, int total, int keys)
    {
        BootstrapServers = bootstrapServers; Total = total; this.keys = keys;
        seen = new int[keys];
        Application = $"faults-{Guid.NewGuid():N}"[..16];
    }

    public string BootstrapServers { get; }
    public int Total { get; }
    public string Application { get; }
    public string Input => $"{Application}.in";
    public string Output => $"{Application}.out";
    /// <summary>Committed outputs seen and found right.</summary>
    public int Checked => Volatile.Read(ref checkedCount);

    public static async Task<NumberedEvents> CreateAsync(string bootstrapServers, int total = 100_000, int keys = 1_000)
    {
        var events = new NumberedEvents(bootstrapServers, total, keys);
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers }).SetLogHandler((_, _) => { }).Build();
        await admin.CreateTopicsAsync(((string[])[events.Input, events.Output]).Select(name => new TopicSpecification { Name = name, NumPartitions = Partitions, ReplicationFactor = 1 }));
        events.checking = Task.Factory.StartNew(events.Check, TaskCreationOptions.LongRunning);
        return events;
    }

    /// <summary>The feeder goes no further than this for now, so that a slow machine does not run out of events before the faults are over.</summary>
    public void Allow(int events) => Volatile.Write(ref allowed, events);

    /// <summary>Writes all events, evenly over <paramref name="time"/>, as far as <see cref="Allow"/> lets it.</summary>
    public void Feed(TimeSpan time) => feeding = Task.Run(async () =>
    {
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = BootstrapServers, EnableIdempotence = true, LingerMs = 5, Partitioner = Partitioner.Murmur2Random })
            .SetLogHandler((_, _) => { }).Build();
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < Total && !stop.IsCancellationRequested;)
        {
            for (var due = (int)Math.Min(Math.Min(Total, Volatile.Read(ref allowed)), Total * (clock.Elapsed / time) + 1); i < due; i++) producer.Produce(Input, new Message<string, string> { Key = $"{i % keys}", Value = $"{i}" });
            await Task.Delay(20);
        }
        producer.Flush(Patience);
    });

    /// <summary>Waits for a condition; a wrong output fails at once.</summary>
    public Task UntilAsync(Func<bool> condition, string what, TimeSpan? patience = null) => UntilAsync(() =>
    {
        Assert.True(wrong is null, wrong);
        return condition();
    }, what, patience ?? Patience, () => $"; {Checked} of {Total} outputs so far");

    /// <inheritdoc cref="UntilAsync(Func{bool}, string, TimeSpan?)"/>
    public static async Task UntilAsync(Func<bool> condition, string what, TimeSpan patience, Func<string>? more = null)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(clock.Elapsed < patience, $"not within {patience}: {what}{more?.Invoke()}");
            await Task.Delay(20);
        }
    }

    /// <summary>Every event has its one output, nothing follows, and the changelog holds the model's state.</summary>
    public async Task AssertCompleteAsync()
    {
        await feeding;
        await UntilAsync(() => Checked >= Total, "every output");
        await stop.CancelAsync();
        await checking;
        Assert.True(wrong is null, wrong);
        Assert.Equal(Total, (await ReadAllAsync(Output)).Count); // the checker has left; what came behind the last wanted output is in the topic
        var state = new Dictionary<string, long>();
        foreach (var record in await ReadAllAsync($"{Application}-{Store}-changelog"))
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(record.Message.Key);
            state[Encoding.UTF8.GetString(record.Message.Key, 4, length)] = BinaryPrimitives.ReadInt64BigEndian(record.Message.Value);
        }
        Assert.Equal(keys, state.Count);
        Assert.All(state, entry => Assert.Equal(Total / keys, entry.Value));
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(feeding, checking);
        stop.Dispose();
    }

    private void Check()
    {
        using var consumer = Reader(Output);
        while (!stop.IsCancellationRequested && wrong is null)
        {
            if (consumer.Consume(100) is not { IsPartitionEOF: false } result) continue;
            var key = int.Parse(Encoding.UTF8.GetString(result.Message.Key));
            var count = ++seen[key];
            var wanted = $"{key + (count - 1) * keys}:{count}";
            var found = Encoding.UTF8.GetString(result.Message.Value);
            if (found != wanted) wrong = $"key {key}: found {found} instead of {wanted} at {result.TopicPartitionOffset}";
            Interlocked.Increment(ref checkedCount);
        }
    }

    /// <summary>Everything committed in a topic up to its high watermark, so that a transaction still open is decided first.</summary>
    private async Task<List<ConsumeResult<byte[], byte[]>>> ReadAllAsync(string topic)
    {
        using var consumer = Reader(topic);
        using var admin = new DependentAdminClientBuilder(consumer.Handle).Build();
        var ends = (await admin.ListOffsetsAsync(
                Enumerable.Range(0, Partitions).Select(p => new TopicPartitionOffsetSpec { TopicPartition = new(topic, p), OffsetSpec = OffsetSpec.Latest() }),
                new ListOffsetsOptions { IsolationLevel = IsolationLevel.ReadUncommitted, RequestTimeout = Patience }))
            .ResultInfos.ToDictionary(r => r.TopicPartitionOffsetError.Partition.Value, r => r.TopicPartitionOffsetError.Offset.Value);
        var read = new List<ConsumeResult<byte[], byte[]>>();
        while (ends.Count > 0)
        {
            var result = consumer.Consume(Patience) ?? throw new TimeoutException($"{topic} has no end");
            if (!result.IsPartitionEOF) read.Add(result);
            else if (ends.TryGetValue(result.Partition.Value, out var end) && result.Offset.Value >= end) ends.Remove(result.Partition.Value);
        }
        return read;
    }

    /// <summary>Reads what is committed in a topic from the beginning, and says where it ends.</summary>
    public IConsumer<byte[], byte[]> Reader(string topic)
    {
        var consumer = new ConsumerBuilder<byte[], byte[]>(new ConsumerConfig
        {
            BootstrapServers = BootstrapServers, GroupId = "checker", EnableAutoCommit = false, EnablePartitionEof = true,
            IsolationLevel = IsolationLevel.ReadCommitted, AutoOffsetReset = AutoOffsetReset.Earliest,
        }).SetLogHandler((_, _) => { }).SetErrorHandler((_, _) => { }).Build();
        consumer.Assign(Enumerable.Range(0, Partitions).Select(p => new TopicPartitionOffset(topic, p, Offset.Beginning)));
        return consumer;
    }
}
