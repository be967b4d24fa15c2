using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Conformance.Streams;

public abstract partial class StreamsSuite
{
    private protected const int Keys = 20;

    private protected void Count(StreamsBuilder builder, string input, string output) =>
        builder.Stream(input, Text, Text).GroupByKey().Count("counts").MapValues(n => $"{n}").To(output, Text, Text);

    /// <summary>Per key, the outputs must be 1, 2, 3 ... in order: nothing lost, nothing twice, state restored.</summary>
    private protected async Task AssertCounts(string output, int perKey, params StreamsApplication[] running)
    {
        var read = await Until(output, perKey * Keys, running);
        var byKey = read.GroupBy(r => r.Message.Key).ToDictionary(g => g.Key, g => g.OrderBy(r => r.Offset.Value).Select(r => int.Parse(r.Message.Value)).ToList());
        Assert.Equal(Keys, byKey.Count);
        foreach (var (key, counts) in byKey) Assert.True(Enumerable.Range(1, perKey).SequenceEqual(counts), $"{key}: {string.Join(",", counts)}");
    }

    [Fact]
    public async Task Counts_are_exact_over_an_orderly_restart()
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        await Produce(input, Numbers(1_000, Keys));
        await using (var first = await Start(b => Count(b, input, output)))
        {
            await Until(output, 200, first);
            await first.StopAsync();
            Assert.Equal(StreamsState.Stopped, first.Health.State);
        }
        await Produce(input, Numbers(1_000, Keys, 1_000));
        await using var second = await Start(b => Count(b, input, output));
        await AssertCounts(output, 2_000 / Keys, second);
    }

    [Fact]
    public async Task Counts_are_exact_over_crashes_under_load()
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        const int total = 6_000;
        var load = Task.Run(async () =>
        {
            for (var i = 0; i < total; i += 200)
            {
                await Produce(input, Numbers(200, Keys, i));
                await Task.Delay(100);
            }
        });
        for (var round = 0; round < 5; round++)
        {
            var application = await Start(b => Count(b, input, output), o => o.CommitIntervalMs = 1);
            var before = ReadAll(output).Count;
            await Eventually(() => application.Health.CommittedRecords > 50 * (round + 1), "some commits");
            Assert.False(application.Completion.IsCompleted);
            await application.KillAsync();
            Assert.True(ReadAll(output).Count >= before);
        }
        await load;
        await using var last = await Start(b => Count(b, input, output));
        await AssertCounts(output, total / Keys, last);
    }

    [Fact]
    public async Task Asynchronous_results_out_of_order_survive_a_crash_exactly_once()
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        var calls = new Dictionary<string, int>();
        void Build(StreamsBuilder b) => b.Stream(input, Text, Text).MapAsync("work", async (_, v, cancel) =>
        {
            lock (calls) calls[v] = calls.GetValueOrDefault(v) + 1;
            await Task.Delay(int.Parse(v) % 7 == 0 ? 120 : 1, cancel);
            return v;
        }).To(output, Text, Text);
        var first = await Start(Build);
        await Produce(input, Numbers(600, 60));
        var committedBefore = (await Until(output, 100, first)).Select(r => r.Message.Value).ToHashSet();
        await first.KillAsync();
        Dictionary<string, int> callsBefore;
        lock (calls) callsBefore = new(calls);
        await using var second = await Start(Build);
        var read = await Until(output, 600, second);
        Assert.Equal(600, read.Select(r => r.Message.Value).Distinct().Count());
        Assert.Equal(600, read.Count);
        foreach (var key in read.GroupBy(r => r.Message.Key))
            Assert.Equal(key.Select(r => int.Parse(r.Message.Value)).Order(), key.OrderBy(r => r.Offset.Value).Select(r => int.Parse(r.Message.Value)));
        // what was seen committed was not called again
        lock (calls) Assert.All(committedBefore, v => Assert.Equal(callsBefore[v], calls[v]));
    }

    [Fact]
    public async Task Two_instances_share_the_work_and_counts_stay_exact()
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        await using var first = await Start(b => Count(b, input, output));
        await Produce(input, Numbers(1_000, Keys));
        await Until(output, 100, first);
        await using var second = await Start(b => Count(b, input, output), o => o.InstanceSlot = 1);
        await Produce(input, Numbers(1_000, Keys, 1_000));
        await Eventually(() => first.Health.Partitions.Count == 2 && second.Health.Partitions.Count == 2, "two partitions each");
        await AssertCounts(output, 2_000 / Keys, first, second);
        await second.KillAsync();
        await Produce(input, Numbers(1_000, Keys, 2_000));
        await AssertCounts(output, 3_000 / Keys, first); // taken over when the session has timed out
    }

    [Fact]
    public async Task An_aborted_batch_is_kept_and_not_computed_again()
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        var runs = 0;
        var faults = new FaultyTransport(new ConfluentTransport());
        await using var application = await Start(b => b.Stream(input, Text, Text)
            .MapValues(v => { Interlocked.Increment(ref runs); return v; }).To(output, Text, Text), transport: faults);
        faults.AbortNextSends = 3;
        await Produce(input, Numbers(200, Keys));
        var read = await Until(output, 200, application);
        Assert.Equal(200, read.Count);
        Assert.Equal(200, runs);
        Assert.Equal(0, faults.AbortNextSends);
    }

    [Fact]
    public async Task A_lost_producer_is_rebuilt_and_counts_stay_exact()
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        var faults = new FaultyTransport(new ConfluentTransport());
        await using var application = await Start(b => Count(b, input, output), transport: faults);
        await Produce(input, Numbers(1_000, Keys));
        await Until(output, 100, application);
        faults.LoseNextCommit = true;
        await Produce(input, Numbers(1_000, Keys, 1_000));
        await AssertCounts(output, 2_000 / Keys, application);
        Assert.False(faults.LoseNextCommit);
    }

    [Fact]
    public async Task A_restarted_broker_is_outlived()
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        await using var application = await Start(b => Count(b, input, output));
        await Produce(input, Numbers(1_000, Keys));
        await Until(output, 100, application);
        await broker.RestartAsync();
        await Produce(input, Numbers(1_000, Keys, 1_000));
        await AssertCounts(output, 2_000 / Keys, application);
    }
}
