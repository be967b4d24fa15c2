using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams;

/// <summary>Operators that only other tests pass through by the way.</summary>
public sealed class OperatorTests
{
    private static readonly ISerde<string> Text = Serdes.Utf8;

    private static TopologyTestDriver Driver(Action<StreamsBuilder> build)
    {
        var builder = new StreamsBuilder("test");
        build(builder);
        return new TopologyTestDriver(builder.Build());
    }

    private static List<string?> Values(TopologyTestDriver driver, string topic) => [.. driver.Read(topic, Text, Text).Select(r => r.Value)];

    [Fact]
    public void FlatMapAsync_forwards_any_number_of_results_in_order_after_a_retry_too()
    {
        var attempts = 0;
        using var driver = Driver(b => b.Stream("in", Text, Text).FlatMapAsync("split", async (_, v, _) =>
        {
            await Task.Yield();
            if (v == "1,2,3" && Interlocked.Increment(ref attempts) == 1) throw new TransientException("busy");
            return (IReadOnlyList<string>)v.Split(',', StringSplitOptions.RemoveEmptyEntries);
        }).To("out", Text, Text));
        foreach (var value in new[] { "1,2,3", ",", "4" }) driver.Enqueue("in", "k", value, Text, Text);
        driver.Settle();
        Assert.Equal(["1", "2", "3", "4"], Values(driver, "out"));
        Assert.Equal(2, attempts);
    }

    [Fact]
    public void A_branch_takes_the_first_predicate_that_holds_and_drops_what_none_takes()
    {
        using var driver = Driver(b =>
        {
            var branches = b.Stream("in", Text, Text).Branch((_, v) => v.StartsWith('a'), (k, v) => k == "k" && v.Length == 2);
            branches[0].To("first", Text, Text);
            branches[1].MapValues(v => v + "!").To("second", Text, Text);
        });
        foreach (var value in new[] { "aa", "bb", "c", "a" }) driver.Pipe("in", "k", value, Text, Text);
        driver.Pipe("in", "other", "dd", Text, Text);
        Assert.Equal(["aa", "a"], Values(driver, "first"));
        Assert.Equal(["bb!"], Values(driver, "second"));
    }

    [Fact]
    public void Peek_sees_each_value_with_its_context_and_changes_nothing()
    {
        var seen = new List<string>();
        using var driver = Driver(b => b.Stream("in", Text, Text).FlatMapValues(v => v.Split(',')).Peek((context, v) => seen.Add($"{context.Key}@{context.Offset}={v}")).To("out", Text, Text));
        driver.Pipe("in", "k", "1,2", Text, Text);
        driver.Pipe<string, string>("in", "k", null, Text, Text); // a tombstone is skipped
        driver.Pipe("in", "l", "3", Text, Text);
        Assert.Equal(["k@0=1", "k@0=2", "l@2=3"], seen);
        Assert.Equal(["1", "2", "3"], Values(driver, "out"));
    }
}
