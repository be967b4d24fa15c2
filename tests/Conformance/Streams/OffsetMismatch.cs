using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Conformance.Streams;

public abstract partial class StreamsSuite
{
    /// <summary>Moves the group's offset of every partition, as an operator would while the application is stopped.</summary>
    private async Task ResetGroup(string topic, Func<long, long> move)
    {
        var offsets = CommittedOffsets(topic).Select(o => new TopicPartitionOffset(topic, o.Key, move(o.Value))).ToList();
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = broker.BootstrapServers }).SetLogHandler((_, _) => { }).Build();
        var deadline = DateTime.UtcNow + Patience;
        while (true)
        {
            try { await admin.AlterConsumerGroupOffsetsAsync([new ConsumerGroupTopicPartitionOffsets(app, offsets)]); return; }
            catch (KafkaException) when (DateTime.UtcNow < deadline) { await Task.Delay(200); } // a static member is gone only when its session has run out
        }
    }

    private async Task<(string Input, string Output)> CountedAndStopped()
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        await Produce(input, Numbers(10 * Keys, Keys));
        await using (var first = await Start(b => Count(b, input, output)))
        {
            await AssertCounts(output, 10, first);
            await first.StopAsync();
        }
        Assert.Equal(10 * Keys, CommittedOffsets(input).Values.Sum(), 10.0); // transaction markers are in the outputs only
        return (input, output);
    }

    [Fact]
    public async Task A_group_that_was_reset_is_refused_with_both_offsets_and_the_option_named()
    {
        var (input, output) = await CountedAndStopped();
        var before = CommittedOffsets(input);
        await ResetGroup(input, o => o - 5);
        await using var application = Make(b => Count(b, input, output), null);
        await application.StartAsync();
        var error = await Assert.ThrowsAsync<StreamsConfigurationException>(() => application.Running.WaitAsync(Patience));
        Assert.Contains(before, o => error.Message.Contains($"offset {o.Value - 5} of {input}") && error.Message.Contains($"progress {o.Value};"));
        Assert.Contains(nameof(StreamsOptions.OnOffsetMismatch), error.Message);
        Assert.Equal(StreamsState.Failed, application.Health.State);
        Assert.Equal(10 * Keys, ReadAll(output).Count);
    }

    [Fact]
    public async Task UseProgress_goes_on_where_it_was_and_mends_the_group()
    {
        var (input, output) = await CountedAndStopped();
        var before = CommittedOffsets(input);
        await ResetGroup(input, o => o - 5);
        await using var application = await Start(b => Count(b, input, output), o => o.OnOffsetMismatch = OffsetMismatchPolicy.UseProgress);
        await Eventually(() => CommittedOffsets(input).OrderBy(o => o.Key).SequenceEqual(before.OrderBy(o => o.Key)), "the group's offsets follow the progress");
        await Produce(input, Numbers(10 * Keys, Keys));
        await AssertCounts(output, 20, application);
        await Eventually(() => application.Health is { InFlight: 0, Lag: 0 }, "quiet");
        Assert.Equal(20 * Keys, ReadAll(output).Count);
    }

    [Fact]
    public async Task UseGroup_runs_again_from_the_reset_offset_on_the_state_that_is_kept()
    {
        var (input, output) = await CountedAndStopped();
        var partitions = CommittedOffsets(input).Count;
        await ResetGroup(input, o => o - 5);
        var again = 5 * partitions;
        await using (var application = await Start(b => Count(b, input, output), o => o.OnOffsetMismatch = OffsetMismatchPolicy.UseGroup))
        {
            await Until(output, 10 * Keys + again, application);
            await Eventually(() => application.Health is { InFlight: 0, Lag: 0 }, "quiet");
            await application.StopAsync();
        }
        var counts = ByKey(output);
        Assert.Equal(10 * Keys + again, counts.Values.Sum(c => c.Count));
        Assert.All(counts, k => Assert.Equal(Enumerable.Range(1, k.Value.Count).Select(n => $"{n}"), k.Value)); // counted on
        await using var strict = await Start(b => Count(b, input, output)); // group and progress agree again
        Assert.Equal(StreamsState.Running, strict.Health.State);
    }
}
