using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Conformance.Streams;

public abstract partial class StreamsSuite
{
    [Fact]
    public async Task An_instance_that_joins_takes_only_what_moves_and_the_rest_is_neither_revoked_nor_restored()
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        var spy = new RebalanceSpy(new ConfluentTransport());
        await using var first = await Start(b => Count(b, input, output), transport: spy);
        await Produce(input, Numbers(1_000, Keys));
        await Until(output, 1_000, first);
        await using var second = await Start(b => Count(b, input, output), o => o.InstanceSlot = 1);
        await Produce(input, Numbers(1_000, Keys, 1_000));
        await Eventually(() => first.Health.Partitions.Count == 2 && second.Health.Partitions.Count == 2, "two partitions each");
        await Produce(input, Numbers(1_000, Keys, 2_000));
        await AssertCounts(output, 3_000 / Keys, first, second);
        var moved = second.Health.Partitions.Select(p => new TopicPartitionId(p.Topic, p.Partition)).Order(Comparer<TopicPartitionId>.Create((a, b) => a.Partition - b.Partition));
        Assert.Collection(spy.Events,
            given => Assert.Equal(("assigned", 4), (given.What, given.Partitions.Count)),
            taken =>
            {
                Assert.Equal("revoked", taken.What);
                Assert.Equal(moved, taken.Partitions.OrderBy(p => p.Partition));
            });
    }

    [Theory]
    [InlineData(RebalanceMode.Auto)]
    [InlineData(RebalanceMode.Eager)]
    public async Task A_restarted_instance_gets_its_partitions_back_without_a_rebalance_of_the_others(RebalanceMode mode)
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        var spy = new RebalanceSpy(new ConfluentTransport());
        await using var stays = await Start(b => Count(b, input, output), o => (o.Rebalance, o.SessionTimeoutMs) = (mode, 30_000), spy);
        var restarts = await Start(b => Count(b, input, output), o => (o.Rebalance, o.SessionTimeoutMs, o.InstanceSlot) = (mode, 30_000, 1));
        await Eventually(() => stays.Health.Partitions.Count == 2 && restarts.Health.Partitions.Count == 2, "two partitions each");
        var (events, had) = (spy.Events.Count, restarts.Health.Partitions.Select(p => p.Partition).Order().ToList());
        await Produce(input, Numbers(1_000, Keys));
        await Until(output, 500, stays, restarts);
        await restarts.StopAsync();
        await Produce(input, Numbers(1_000, Keys, 1_000));
        var again = await Start(b => Count(b, input, output), o => (o.Rebalance, o.SessionTimeoutMs, o.InstanceSlot) = (mode, 30_000, 1));
        await AssertCounts(output, 2_000 / Keys, stays, again);
        await again.KillAsync();
        await Produce(input, Numbers(1_000, Keys, 2_000));
        await using var last = await Start(b => Count(b, input, output), o => (o.Rebalance, o.SessionTimeoutMs, o.InstanceSlot) = (mode, 30_000, 1));
        await AssertCounts(output, 3_000 / Keys, stays, last);
        await Eventually(() => last.Health.Partitions.Select(p => p.Partition).Order().SequenceEqual(had), "the same partitions");
        Assert.Equal(events, spy.Events.Count);
    }

    [Fact]
    public async Task Records_deleted_below_the_committed_offset_stop_the_instance_and_are_never_skipped_in_silence()
    {
        var (input, output) = (await Topic("in", partitions: 1), await Topic("out"));
        await Produce(input, Numbers(100, Keys));
        await using (var first = await Start(b => Count(b, input, output))) await Until(output, 100, first);
        await Produce(input, Numbers(100, Keys, 100));
        using (var admin = new Confluent.Kafka.AdminClientBuilder(new Confluent.Kafka.AdminClientConfig { BootstrapServers = broker.BootstrapServers }).SetLogHandler((_, _) => { }).Build())
            await admin.DeleteRecordsAsync([new(input, 0, 150)]);
        await using var second = Make(b => Count(b, input, output), null);
        await second.StartAsync();
        var error = await Assert.ThrowsAsync<TransportException>(() => second.Completion.WaitAsync(Patience));
        Assert.Equal(TransportFailure.Configuration, error.Failure);
        Assert.Contains($"{input}[0]", error.Message);
        Assert.Equal(StreamsState.Failed, second.Health.State);
        Assert.Equal(100, ReadAll(output).Count);
        Assert.Equal(100, CommittedOffsets(input, 1)[0]);
    }

    [Fact]
    public void Cooperative_rebalances_are_refused_where_inputs_must_align()
    {
        var error = Assert.Throws<StreamsConfigurationException>(() => Make(b => b.Stream("left", Text, Text)
            .Join(b.Table("right", Text, Text), (l, r) => l + r).To("out", Text, Text), o => o.Rebalance = RebalanceMode.Cooperative));
        Assert.Contains("left, right", error.Message);
        Assert.Throws<StreamsConfigurationException>(() => Make(b => b.Stream("in", Text, Text).To("out", Text, Text),
            o => (o.Rebalance, o.GroupProtocol) = (RebalanceMode.Eager, ConsumerGroupProtocol.Consumer)));
    }
}
