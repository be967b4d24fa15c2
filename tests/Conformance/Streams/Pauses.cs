using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Conformance.Streams;

public abstract partial class StreamsSuite
{
    [Theory]
    [InlineData(RebalanceMode.Auto)]
    [InlineData(RebalanceMode.Eager)]
    public async Task A_users_pause_survives_a_rebalance(RebalanceMode mode)
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        await using var first = await Start(b => Count(b, input, output), o => (o.Rebalance, o.StallAfterMs) = (mode, 1_000));
        await Produce(input, Numbers(100, Keys));
        await Until(output, 100, first);
        first.Pause();
        await Eventually(() => first.Health.Partitions is { Count: 4 } all && all.All(p => p.Paused), "paused");
        await Produce(input, Numbers(100, Keys, 100));
        await using var second = await Start(b => Count(b, input, output), o => (o.Rebalance, o.StallAfterMs, o.InstanceSlot) = (mode, 1_000, 1), before: a => a.Pause());
        await Eventually(() => first.Health.Partitions.Count == 2 && second.Health.Partitions.Count == 2, "two partitions each");
        var seenAtMs = first.Health.AtMs;
        await Eventually(() => first.Health.AtMs > seenAtMs + 2_000, "some reports under the pause");
        Assert.All([.. first.Health.Partitions, .. second.Health.Partitions], p => Assert.Equal((true, false), (p.Paused, p.Stalled)));
        Assert.Equal(100, ReadAll(output).Count);
        second.Resume();
        first.Resume();
        await AssertCounts(output, 200 / Keys, first, second);
    }

    [Fact]
    public async Task A_pause_of_one_topic_survives_a_rebuild_and_leaves_the_others_alone()
    {
        var (held, free, output) = (await Topic("held"), await Topic("free"), await Topic("out"));
        var faults = new FaultyTransport(new ConfluentTransport());
        await using var application = await Start(b =>
        {
            b.Stream(held, Text, Text).MapValues(v => $"held {v}").To(output, Text, Text);
            b.Stream(free, Text, Text).To(output, Text, Text);
        }, transport: faults, before: a => a.Pause(held));
        await Produce(held, Numbers(100, Keys));
        faults.LoseNextCommit = true;
        await Produce(free, Numbers(100, Keys));
        await Until(output, 100, application);
        Assert.False(faults.LoseNextCommit);
        await Produce(free, Numbers(100, Keys, 100));
        var read = await Until(output, 200, application);
        Assert.DoesNotContain(read, r => r.Message.Value.StartsWith("held", StringComparison.Ordinal));
        application.Resume(held);
        Assert.Equal(300, (await Until(output, 300, application)).Count);
        Assert.Throws<ArgumentException>(() => application.Pause("no input"));
    }

    [Fact]
    public async Task A_table_that_is_only_looked_up_is_read_on_under_a_pause()
    {
        var (people, visits, output) = (await Topic("people", compacted: true), await Topic("visits"), await Topic("out"));
        await using var application = await Start(b => b.Stream(visits, Text, Text).Join(b.Table(people, Text, Text), (v, p) => $"{v} {p}").To(output, Text, Text));
        application.Pause();
        await Produce(people, Numbers(Keys, Keys));
        await Eventually(() => application.Health.Partitions.Where(p => p.Topic == people).Sum(p => p.Base) >= Keys, "the rows are read");
        await Eventually(() => application.Health.Partitions is { Count: 8 } all && all.All(p => p.Paused == (p.Topic == visits)), "only the stream is paused");
        Assert.Throws<ArgumentException>(() => application.Pause(people));
    }
}
