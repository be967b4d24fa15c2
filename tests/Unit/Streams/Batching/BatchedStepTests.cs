using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Batching;

/// <summary>An asynchronous step that awaits a batcher.</summary>
public sealed class BatchedStepTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Records_of_several_keys_share_batches_and_results_leave_in_the_order_of_each_key()
    {
        List<int> sizes = [];
        await using var batcher = new DynamicBatcher<string, string>("upper", new() { MaxBatchSize = 3, LingerMs = 3_600_000, LowMaxWaitMs = 3_600_000 }, texts =>
        {
            sizes.Add(texts.Count);
            return [.. texts.Select(text => text.ToUpperInvariant())];
        });
        using var driver = new TopologyTestDriver(TopologyOf((text, cancel) => batcher.RunAsync(text, BatchPriority.Low, cancel)));
        for (var i = 0; i < 5; i++)
            foreach (var key in (string[])["a", "b", "c"])
                driver.Enqueue("in", key, $"{key}{i}", Serdes.Utf8, Serdes.Utf8);
        driver.Settle(); // a key has one unfinished record at a time, so each batch holds one of every key
        Assert.Equal([3, 3, 3, 3, 3], sizes);
        var results = driver.Read("out", Serdes.Utf8, Serdes.Utf8).ToLookup(r => r.Key, r => r.Value);
        foreach (var key in (string[])["a", "b", "c"]) Assert.Equal(Enumerable.Range(0, 5).Select(i => $"{key}{i}".ToUpperInvariant()), results[key]);
    }

    [Fact]
    public async Task A_lingering_batch_leaves_in_the_drivers_time_and_an_urgent_record_takes_it_along()
    {
        var time = new VirtualTime();
        await using var batcher = new DynamicBatcher<string, string>(
            "echo", new() { MaxBatchSize = 10, LingerMs = 200 }, texts => [.. texts.Select(text => $"{text} of {texts.Count}")], time);
        var arrived = new SemaphoreSlim(0);
        using var driver = new TopologyTestDriver(TopologyOf((text, cancel) =>
        {
            var result = batcher.RunAsync(text, text == "stop" ? BatchPriority.Critical : BatchPriority.Medium, cancel);
            arrived.Release();
            return result;
        }), time: time);

        async Task ArriveAsync(string key, string text)
        {
            driver.Enqueue("in", key, text, Serdes.Utf8, Serdes.Utf8);
            Assert.True(await arrived.WaitAsync(Patience));
        }

        await ArriveAsync("a", "one");
        await ArriveAsync("b", "two");
        driver.Advance(TimeSpan.FromMilliseconds(200));
        Assert.Equal(["one of 2", "two of 2"], driver.Read("out", Serdes.Utf8, Serdes.Utf8).Select(r => r.Value).Order());
        await ArriveAsync("a", "three");
        await ArriveAsync("b", "stop");
        driver.Settle();
        Assert.Equal(["stop of 2", "three of 2"], driver.Read("out", Serdes.Utf8, Serdes.Utf8).Select(r => r.Value).Order());
    }

    [Fact]
    public async Task What_the_batch_throws_is_classified_for_each_record()
    {
        await using var batcher = new DynamicBatcher<string, string>("fails", new() { MaxBatchSize = 2, LingerMs = 3_600_000, LowMaxWaitMs = 3_600_000 },
            IReadOnlyList<string> (_) => throw new PoisonException("unreadable"));
        using var driver = new TopologyTestDriver(TopologyOf((text, cancel) => batcher.RunAsync(text, BatchPriority.Low, cancel)));
        driver.Enqueue("in", "a", "1", Serdes.Utf8, Serdes.Utf8);
        driver.Enqueue("in", "b", "2", Serdes.Utf8, Serdes.Utf8);
        driver.Settle();
        Assert.Empty(driver.Read("out", Serdes.Utf8, Serdes.Utf8));
        Assert.Equal(2, driver.ReadDeadLetters("in").Count);
    }

    private static StreamPlatform.Streams.Topology TopologyOf(Func<string, CancellationToken, Task<string>> call)
    {
        var builder = new StreamsBuilder("test");
        builder.Stream("in", Serdes.Utf8, Serdes.Utf8).MapAsync("batched", (_, text, cancel) => call(text, cancel)).To("out", Serdes.Utf8, Serdes.Utf8);
        return builder.Build();
    }
}
