using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Conformance.Streams;

public abstract partial class StreamsSuite
{
    [Fact]
    public async Task Stream_joins_hold_both_sides_over_a_crash_and_give_what_met_nothing_once()
    {
        var (left, right, output) = (await Topic("left"), await Topic("right"), await Topic("out"));
        void Build(StreamsBuilder b) => b.Stream(left, Text, Text)
            .LeftJoin(b.Stream(right, Text, Text), "join", Text, Text, JoinWindows.Of(TimeSpan.FromSeconds(5)).CloseAfterIdle(TimeSpan.FromSeconds(2)), (l, r) => $"{l}+{r ?? "none"}")
            .To(output, Text, Text);
        var first = await Start(Build);
        await Produce(left, Numbers(2 * Keys, 2 * Keys), 10_000); // one record of each of 40 keys
        await Eventually(() => first.Health.CommittedRecords >= 2 * Keys, "held");
        await first.KillAsync();
        await using var second = await Start(Build);
        await Produce(right, Numbers(Keys, Keys, 1_000), 12_000); // keys 0 to 19 have a partner
        var read = await Until(output, 2 * Keys, second);
        Assert.Equal(Keys, read.Count(r => r.Message.Value.EndsWith("+none", StringComparison.Ordinal)));
        for (var i = 0; i < Keys; i++) Assert.Equal($"{i}+{1_000 + i}", Assert.Single(read, r => r.Message.Key == $"key{i}").Message.Value);
        await Eventually(() => second.Health.InFlight == 0, "quiet");
        Assert.Equal(2 * Keys, ReadAll(output).Count);
    }

    [Fact]
    public async Task Table_joins_take_every_change_once_over_a_crash_and_a_stop()
    {
        var (left, right, output) = (await Topic("left", compacted: true), await Topic("right", compacted: true), await Topic("out"));
        void Build(StreamsBuilder b) => b.Table(left, Text, Text).Join(b.Table(right, Text, Text), (l, r) => $"{l}+{r}").To(output, Text, Text);
        await Produce(left, Numbers(Keys, Keys));
        var first = await Start(Build);
        await Eventually(() => first.Health.CommittedRecords >= Keys, "left rows");
        await Produce(right, Numbers(Keys, Keys, 100));
        await Until(output, Keys, first);
        await first.KillAsync();
        await Produce(right, Numbers(Keys, Keys, 200)); // changes while nobody runs
        await using var second = await Start(Build);
        var read = await Until(output, 2 * Keys, second);
        for (var i = 0; i < Keys; i++)
            Assert.Equal([$"{i}+{100 + i}", $"{i}+{200 + i}"], read.Where(r => r.Message.Key == $"key{i}").Select(r => r.Message.Value));
        await Eventually(() => second.Health.InFlight == 0, "quiet");
        Assert.Equal(2 * Keys, ReadAll(output).Count);
    }

    [Fact]
    public async Task Unordered_steps_finish_out_of_order_and_their_outputs_leave_in_order_exactly_once()
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        await Produce(input, Numbers(2_000, Keys));
        void Build(StreamsBuilder b) => b.Stream(input, Text, Text).Ordered(Ordering.None)
            .MapAsync("slow", async (_, v, cancel) => { await Task.Delay(int.Parse(v) * 7 % 20, cancel); return v; }).To(output, Text, Text);
        var first = await Start(Build);
        await Eventually(() => first.Health.CommittedRecords > 300, "some commits");
        await first.KillAsync();
        await using var second = await Start(Build);
        var read = await Until(output, 2_000, second);
        foreach (var key in read.GroupBy(r => r.Message.Key))
            Assert.Equal(Enumerable.Range(0, 2_000 / Keys).Select(n => n * Keys + int.Parse(key.Key[3..])), key.OrderBy(r => r.Offset.Value).Select(r => int.Parse(r.Message.Value)));
    }

    [Fact]
    public async Task Held_back_updates_survive_a_crash()
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        void Build(StreamsBuilder b) => b.Stream(input, Text, Text)
            .Suppress("held", Text, Suppressed.UntilTimeLimit(TimeSpan.FromSeconds(10)).AfterIdle(TimeSpan.FromSeconds(2))).To(output, Text, Text);
        var first = await Start(Build);
        await Produce(input, Numbers(5 * Keys, Keys), 1_000);
        await Eventually(() => first.Health.CommittedRecords >= 5 * Keys, "held");
        await first.KillAsync();
        await using var second = await Start(Build);
        var read = await Until(output, Keys, second);
        Assert.Equal(Enumerable.Range(4 * Keys, Keys), read.Select(r => int.Parse(r.Message.Value)).Order());
    }
}
