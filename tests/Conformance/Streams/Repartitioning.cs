using Confluent.Kafka;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Conformance.Streams;

public abstract partial class StreamsSuite
{
    /// <summary>Every record gets a new key (its number modulo <see cref="Keys"/>), whatever key and partition it had.</summary>
    private static void CountByNumber(StreamsBuilder builder, string input, string output) =>
        builder.Stream(input, Text, Text).SelectKey((_, v) => $"key{int.Parse(v) % Keys}").Repartition("by-number", Text, Text, 3)
            .GroupByKey().Count("counts").MapValues(n => $"{n}").To(output, Text, Text);

    [Fact]
    public async Task Repartitioned_counts_are_exact_over_crashes_and_two_instances()
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        const int total = 3_000;
        var records = Enumerable.Range(0, total).Select(i => ($"old{i % 7}", $"{i}")).ToList();
        var load = Task.Run(async () =>
        {
            foreach (var chunk in records.Chunk(100))
            {
                await Produce(input, chunk);
                await Task.Delay(50);
            }
        });
        for (var round = 1; round <= 2; round++)
        {
            var application = await Start(b => CountByNumber(b, input, output), o => o.CommitIntervalMs = 5);
            await Eventually(() => application.Health.CommittedRecords > 300, "some commits");
            await application.KillAsync();
        }
        await using var first = await Start(b => CountByNumber(b, input, output));
        await using var second = await Start(b => CountByNumber(b, input, output), o => o.InstanceSlot = 1);
        await load;
        await AssertCounts(output, total / Keys, first, second);
        Assert.Equal(3, ReadAll($"{app}-by-number-repartition").Select(r => r.Partition.Value).Distinct().Count());
    }

    [Fact]
    public async Task What_was_read_from_a_repartition_topic_is_deleted()
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        await using var application = await Start(b => CountByNumber(b, input, output), o => o.PurgeIntervalMs = 200);
        await Produce(input, Numbers(500, 7));
        await Until(output, 500, application);
        await Task.Delay(300);
        await Produce(input, Numbers(500, 7, 500));
        await Until(output, 1_000, application);
        using var consumer = new ConsumerBuilder<string, string>(new ConsumerConfig { BootstrapServers = broker.BootstrapServers, GroupId = "watermarks" }).SetLogHandler((_, _) => { }).Build();
        await Eventually(() => Enumerable.Range(0, 3).Sum(p => consumer.QueryWatermarkOffsets(new TopicPartition($"{app}-by-number-repartition", p), Patience).Low.Value) > 300, "a purge");
        await application.StopAsync();
        await using var again = await Start(b => CountByNumber(b, input, output));
        await Produce(input, Numbers(1_000, 7, 1_000));
        await AssertCounts(output, 2_000 / Keys, again);
    }
}
