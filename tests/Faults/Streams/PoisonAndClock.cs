using System.Text;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Faults.Streams;

public abstract partial class StreamsFaults
{
    private static readonly ISerde<string> Text = Serdes.Utf8;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string application = $"faults-{Guid.NewGuid():N}"[..16];

    /// <summary>F9: 100 poison records among 10,000.</summary>
    [Fact]
    public async Task A_hundred_poison_records_among_ten_thousand_are_dead_lettered_with_cause_and_position()
    {
        var (input, output) = (await TopicAsync("in"), await TopicAsync("out"));
        static bool Poison(int number) => number % 100 == 42;
        await ProduceAsync(input, Enumerable.Range(0, 10_000).Select(i => ($"{i % 500}", $"{i}", 0L)));
        await using var running = await StartAsync(b => b.Stream(input, Text, Text).MapValues(v => Poison(int.Parse(v)) ? throw new PoisonException($"unlucky {v}") : v).To(output, Text, Text), TimeProvider.System);
        var letters = await ReadAsync(input + ".dlq", 100);
        var read = await ReadAsync(output, 9_900);
        Assert.Equal(Enumerable.Range(0, 10_000).Where(i => !Poison(i)), read.Select(r => int.Parse(r.Message.Value)).Order());
        Assert.All(read.GroupBy(r => r.Message.Key), key => Assert.Equal(key.Select(r => int.Parse(r.Message.Value)).Order(), key.Select(r => int.Parse(r.Message.Value))));
        Assert.Equal(Enumerable.Range(0, 10_000).Where(Poison), letters.Select(r => int.Parse(r.Message.Value)).Order());
        var inputs = (await ReadAsync(input, 10_000)).ToDictionary(r => r.Message.Value);
        Assert.All(letters, letter =>
        {
            string Header(string name) => Encoding.UTF8.GetString(letter.Message.Headers.GetLastBytes(name));
            var source = inputs[letter.Message.Value];
            Assert.Equal($"PoisonException: unlucky {letter.Message.Value}", Header("dlq.cause"));
            Assert.Equal((input, $"{source.Partition.Value}", $"{source.Offset.Value}"), (Header("dlq.topic"), Header("dlq.partition"), Header("dlq.offset")));
        });
    }

    /// <summary>F12: the wall clock an hour before or after the broker's: the windows are the records', not the clock's.</summary>
    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task A_shifted_clock_gives_the_same_windows(int hours)
    {
        var (input, right, shifted) = (await TopicAsync("in"), await TopicAsync("right"), await TopicAsync("shifted"));
        var start = DateTimeOffset.UtcNow.AddMinutes(-30).ToUnixTimeMilliseconds() / 10_000 * 10_000; // windows begin here
        // every key: 5 minutes of events a second apart, some late within the grace, one before the start: 30 windows close
        await ProduceAsync(input, Enumerable.Range(0, 300).SelectMany(second => Enumerable.Range(0, 20).Select(key => ($"k{key}", $"{second}", start + second * 1_000L - (second % 7 == 3 ? 4_000 : 0)))));
        void Build(StreamsBuilder b, string output) => b.Stream(input, Text, Text).GroupByKey()
            .WindowedBy(TimeWindows.Tumbling(TimeSpan.FromSeconds(10)).Grace(TimeSpan.FromSeconds(5)))
            .Aggregate("windows", Serdes.Int64, (_, _) => 0L, (n, _, _) => n + 1, (_, window, n) => $"{window.StartMs}:{n}").To(output, Text, Text);
        await using var asItIs = await StartAsync(b => Build(b, right), TimeProvider.System, "-right");
        await using var offset = await StartAsync(b => Build(b, shifted), new ShiftedClock(TimeSpan.FromHours(hours)), "-shifted");
        var wanted = await ReadAsync(right, 20 * 30);
        var found = await ReadAsync(shifted, wanted.Count);
        static List<string> Sorted(List<ConsumeResult<string, string>> read) => [.. read.Select(r => $"{r.Message.Key} {r.Message.Value} {r.Message.Timestamp.UnixTimestampMs}").Order()];
        Assert.Equal(Sorted(wanted), Sorted(found));
    }

    private sealed class ShiftedClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }

    private async Task<string> TopicAsync(string name)
    {
        var topic = $"{application}.{name}";
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = bootstrapServers }).SetLogHandler((_, _) => { }).Build();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = 4, ReplicationFactor = 1 }]);
        return topic;
    }

    private async Task ProduceAsync(string topic, IEnumerable<(string Key, string Value, long TimestampMs)> records)
    {
        using var producer = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = bootstrapServers, EnableIdempotence = true, LingerMs = 1 }).SetLogHandler((_, _) => { }).Build();
        await Task.WhenAll(records.Select(r => producer.ProduceAsync(topic, new Message<string, string> { Key = r.Key, Value = r.Value, Timestamp = r.TimestampMs == 0 ? Timestamp.Default : new Timestamp(r.TimestampMs, TimestampType.CreateTime) }))).WaitAsync(Patience);
    }

    private async Task<StreamsApplication> StartAsync(Action<StreamsBuilder> build, TimeProvider time, string suffix = "")
    {
        var builder = new StreamsBuilder(application + suffix);
        build(builder);
        var running = new StreamsApplication(builder.Build(), new StreamsOptions { BootstrapServers = bootstrapServers, SessionTimeoutMs = 6_000 }, time: time);
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
            consumer.Assign(Enumerable.Range(0, 4).Select(p => new TopicPartitionOffset(topic, p, Offset.Beginning)));
            var read = new List<ConsumeResult<string, string>>();
            while (consumer.Consume(read.Count < count ? Patience : TimeSpan.FromSeconds(1)) is { } result) read.Add(result);
            Assert.Equal(count, read.Count);
            return read;
        });
    }
}
