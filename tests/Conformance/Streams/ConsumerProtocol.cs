using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Conformance.Streams;

/// <summary>Groups of the consumer protocol (KIP-848), which only Apache Kafka speaks.</summary>
public sealed partial class StreamsOnApacheKafka
{
    private static void Consumer(StreamsOptions options, int slot) => (options.GroupProtocol, options.InstanceSlot) = (ConsumerGroupProtocol.Consumer, slot);

    [Fact]
    public async Task Counts_are_exact_in_a_consumer_group_while_instances_join_die_and_restart()
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        var spy = new RebalanceSpy(new ConfluentTransport());
        await using var first = await Start(b => Count(b, input, output), o => Consumer(o, 0), spy);
        await Produce(input, Numbers(1_000, Keys));
        await Until(output, 500, first);
        var second = await Start(b => Count(b, input, output), o => Consumer(o, 1));
        await Produce(input, Numbers(1_000, Keys, 1_000));
        await Eventually(() => first.Health.Partitions.Count == 2 && second.Health.Partitions.Count == 2, "two partitions each");
        Assert.All(spy.Events.Where(e => e.What == "revoked"), e => Assert.InRange(e.Partitions.Count, 1, 2));
        await AssertCounts(output, 2_000 / Keys, first, second);
        await second.KillAsync();
        await Produce(input, Numbers(1_000, Keys, 2_000));
        var again = await Start(b => Count(b, input, output), o => Consumer(o, 1)); // a new member: the dead one keeps its partitions until its session ends
        await AssertCounts(output, 3_000 / Keys, first, again);
        await again.StopAsync(); // leaves at once
        await Produce(input, Numbers(1_000, Keys, 3_000));
        await AssertCounts(output, 4_000 / Keys, first);
        Assert.DoesNotContain(spy.Events, e => e.What == "lost");
    }

    [Fact]
    public async Task A_spare_instance_of_a_consumer_group_stands_by_and_takes_over()
    {
        var (input, output) = (await Topic("in", partitions: 1), await Topic("out"));
        var first = await Start(b => Count(b, input, output), o => Consumer(o, 0));
        await using var spare = await Start(b => Count(b, input, output), o => Consumer(o, 1));
        await Produce(input, Numbers(1_000, Keys));
        await Until(output, 500, first);
        await first.KillAsync();
        await AssertCounts(output, 1_000 / Keys, spare);
    }

    [Fact]
    public async Task Joined_inputs_stay_aligned_in_a_consumer_group()
    {
        var (left, right, output) = (await Topic("left"), await Topic("right"), await Topic("out"));
        void Build(StreamsBuilder b) => b.Stream(left, Text, Text)
            .Join(b.Stream(right, Text, Text), "join", Text, Text, JoinWindows.Of(TimeSpan.FromHours(1)), (l, r) => $"{l}+{r}").To(output, Text, Text);
        await using var first = await Start(Build, o => Consumer(o, 0));
        await Produce(left, Numbers(Keys, Keys));
        await using var second = await Start(Build, o => Consumer(o, 1));
        await using var third = await Start(Build, o => Consumer(o, 2));
        StreamsApplication[] all = [first, second, third];
        await Eventually(() => all.Sum(a => a.Health.Partitions.Count) == 8 && all.All(a => a.Health.Partitions.Count > 0), "all partitions are read");
        foreach (var instance in all)
            Assert.Equal(instance.Health.Partitions.Where(p => p.Topic == left).Select(p => p.Partition).Order(), instance.Health.Partitions.Where(p => p.Topic == right).Select(p => p.Partition).Order());
        await third.KillAsync();
        await Produce(right, Numbers(Keys, Keys, 100));
        var read = await Until(output, Keys, first, second);
        Assert.Equal(Enumerable.Range(0, Keys).Select(i => $"{i}+{100 + i}").Order(), read.Select(r => r.Message.Value).Order());
    }

    [Fact]
    public async Task A_users_pause_survives_a_rebalance_of_a_consumer_group()
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        await using var first = await Start(b => Count(b, input, output), o => Consumer(o, 0), before: a => a.Pause());
        await Produce(input, Numbers(100, Keys));
        await using var second = await Start(b => Count(b, input, output), o => Consumer(o, 1), before: a => a.Pause());
        await Eventually(() => first.Health.Partitions.Count == 2 && second.Health.Partitions.Count == 2, "two partitions each");
        Assert.All([.. first.Health.Partitions, .. second.Health.Partitions], p => Assert.True(p.Paused));
        Assert.Empty(ReadAll(output));
        second.Resume();
        first.Resume();
        await AssertCounts(output, 100 / Keys, first, second);
    }
}

/// <summary>What a broker without the protocol makes of it.</summary>
public sealed partial class StreamsOnEmbeddedBroker
{
    [Fact]
    public async Task The_consumer_protocol_is_refused_with_a_clear_error()
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        await using var application = Make(b => Count(b, input, output), o => o.GroupProtocol = ConsumerGroupProtocol.Consumer);
        await application.StartAsync();
        var error = await Assert.ThrowsAsync<TransportException>(() => application.Completion.WaitAsync(TimeSpan.FromSeconds(60)));
        Assert.Equal(TransportFailure.Configuration, error.Failure);
        Assert.Contains(nameof(StreamsOptions.GroupProtocol), error.Message);
    }
}
