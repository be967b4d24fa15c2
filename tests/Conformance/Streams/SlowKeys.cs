using System.Collections.Concurrent;
using System.Text;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Conformance.Streams;

public abstract partial class StreamsSuite
{
    private static readonly RetryTopics Soon = RetryTopics.After(TimeSpan.FromMilliseconds(300)).AtMost(1_000);

    [Fact]
    public async Task An_unordered_input_lets_later_records_pass_a_deferred_one()
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        var outage = true;
        await using var application = await Start(b => b.Stream(input, Text, Text, Soon.Unordered())
            .MapValues(v => int.Parse(v) < Keys && Volatile.Read(ref outage) ? throw new DeferredException("outage") : v).To(output, Text, Text));
        await Produce(input, Numbers(5 * Keys, Keys)); // the first of each key is deferred
        Assert.DoesNotContain(await Until(output, 4 * Keys, application), r => int.Parse(r.Message.Value) < Keys);
        Volatile.Write(ref outage, false);
        await Until(output, 5 * Keys, application);
        await Eventually(() => application.Health is { InFlight: 0, Lag: 0 }, "quiet");
        Assert.Equal(Enumerable.Range(0, 5 * Keys), ReadAll(output).Select(r => int.Parse(r.Message.Value)).Order());
        foreach (var (key, values) in ByKey(output)) Assert.Equal($"{key[3..]}", values[^1]);
    }

    [Fact]
    public async Task A_parked_key_beyond_its_bound_is_dead_lettered_and_what_is_parked_keeps_its_order()
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        var outage = true;
        await using var application = await Start(b => b.Stream(input, Text, Text, Soon.ParkAtMost(3))
            .MapValues((context, v) => context.Key == "key1" && Volatile.Read(ref outage) ? throw new DeferredException("outage") : v).To(output, Text, Text));
        await Produce(input, Numbers(20, 2)); // ten of key1
        var letters = await Until(StreamPlatform.Streams.Topology.DeadLetterTopicOf(input), 7, application);
        Assert.All(letters, l => Assert.Contains("3 records of its key", Encoding.UTF8.GetString(l.Message.Headers.GetLastBytes("dlq.cause"))));
        Assert.Equal(["7", "9", "11", "13", "15", "17", "19"], letters.OrderBy(l => l.Offset.Value).Select(l => l.Message.Value));
        Volatile.Write(ref outage, false);
        await Until(output, 13, application);
        await Eventually(() => application.Health is { InFlight: 0, Lag: 0 }, "quiet");
        Assert.Equal(["1", "3", "5"], ByKey(output)["key1"]);
        Assert.Equal(7, ReadAll(StreamPlatform.Streams.Topology.DeadLetterTopicOf(input)).Count);
    }

    [Fact]
    public async Task A_key_is_given_up_at_its_queue_bound_or_its_time_bound_and_comes_again_in_order()
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        var calls = new ConcurrentDictionary<string, int>();
        await using var application = await Start(b => b.Stream(input, Text, Text, Soon).MapAsync("call", async (context, v, cancel) =>
        {
            // the first call of the first record of key1 (a queue builds behind it) and of key2 (nothing does) never answers
            if (calls.AddOrUpdate(v, 1, (_, n) => n + 1) == 1 && v is "1" or "2") await Task.Delay(Timeout.Infinite, cancel);
            return v;
        }).To(output, Text, Text), o => (o.MaxQueuedPerKey, o.MaxBlockedMs) = (3, 4_000));
        var (queued, blocked) = (TimeSpan.Zero, TimeSpan.Zero);
        await Produce(input, [("key1", "1"), ("key1", "11"), ("key1", "21"), ("key1", "31"), ("key1", "41"), ("key2", "2"), ("key3", "3")]);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await Eventually(() => ByKey(output) is var read && Seen(read, "key1", 5, ref queued) && Seen(read, "key2", 1, ref blocked), "all came again");
        Assert.True(queued < blocked, $"the queue's bound took {queued}, the time's {blocked}");
        Assert.InRange(calls["1"], 2, 1_000);
        Assert.InRange(calls["2"], 2, 1_000);
        Assert.Equal(["1", "11", "21", "31", "41"], ByKey(output)["key1"]);
        Assert.Equal(7, ReadAll(output).Count);
        Assert.Empty(ReadAll(StreamPlatform.Streams.Topology.DeadLetterTopicOf(input)));

        bool Seen(Dictionary<string, List<string?>> read, string key, int count, ref TimeSpan at)
        {
            if (at == TimeSpan.Zero && read.TryGetValue(key, out var values) && values.Count == count) at = clock.Elapsed;
            return at > TimeSpan.Zero;
        }
    }
}
