using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Conformance.Streams;

public abstract partial class StreamsSuite
{
    private static readonly RetryTopics SoonAgain = RetryTopics.After(TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(1)).AtMost(50);

    [Fact]
    public async Task Deferred_records_keep_the_order_of_their_key_over_crashes_exactly_once()
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        var outage = true;
        // a third of the keys cannot be served for a while
        void Build(StreamsBuilder b) => b.Stream(input, Text, Text, SoonAgain)
            .MapValues((context, v) => Volatile.Read(ref outage) && int.Parse(context.Key![3..]) % 3 == 0 ? throw new DeferredException("outage") : v)
            .GroupByKey().Aggregate("seen", Text, _ => "", (seen, v, _) => $"{seen},{v}").To(output, Text, Text);
        await Produce(input, Numbers(600, Keys));
        var first = await Start(Build);
        await Until(output, 13 * 30, first);
        await Until($"{input}.retry.300ms", 50, first);
        await first.KillAsync();
        await Produce(input, Numbers(200, Keys, 600));
        await using var second = await Start(Build);
        await Until(output, 13 * 40, second);
        Volatile.Write(ref outage, false);
        var read = await Until(output, 800, second);
        Assert.Equal(800, read.Count);
        foreach (var key in read.GroupBy(r => r.Message.Key))
        {
            var first40 = Enumerable.Range(0, 40).Select(i => $"{i * Keys + int.Parse(key.Key[3..])}").ToList();
            Assert.Equal("," + string.Join(",", first40), key.OrderBy(r => r.Offset.Value).Last().Message.Value);
        }
        Assert.Empty(ReadAll(StreamPlatform.Streams.Topology.DeadLetterTopicOf(input)));
    }

    [Fact]
    public async Task Retries_end_at_their_ceiling_in_the_dead_letter_topic_and_other_keys_never_wait()
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        await using var application = await Start(b => b.Stream(input, Text, Text, RetryTopics.After(TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(500)))
            .MapValues((context, v) => context.Key == "key3" ? throw new DeferredException("never") : v).To(output, Text, Text));
        await Produce(input, Numbers(10, 10));
        Assert.Equal(9, (await Until(output, 9, application)).Count);
        var letter = Assert.Single(await Until(StreamPlatform.Streams.Topology.DeadLetterTopicOf(input), 1, application));
        Assert.Equal("3", System.Text.Encoding.UTF8.GetString(letter.Message.Headers.GetLastBytes("dlq.attempts")));
        await application.StopAsync();
        await using var again = await Start(b => b.Stream(input, Text, Text, RetryTopics.After(TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(500))).To(output, Text, Text));
        await Produce(input, [("key3", "x")]);
        Assert.Equal("x", (await Until(output, 10, again)).Single(r => r.Message.Key == "key3").Message.Value); // no longer parked
    }
}
