using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams;

/// <summary>One lock per task and key, over all inputs and steps.</summary>
public sealed class KeyLockTests
{
    private static readonly ISerde<string> Text = Serdes.Utf8;

    [Fact]
    public void Two_merged_inputs_share_the_lock_of_a_key()
    {
        var gates = new Dictionary<string, TaskCompletionSource> { ["a1"] = new(), ["b1"] = new(), ["b2"] = new() };
        var builder = new StreamsBuilder("app");
        builder.Stream("a", Text, Text).Merge(builder.Stream("b", Text, Text)).MapAsync("slow", async (_, v, _) =>
        {
            await gates[v].Task;
            return v;
        }).FlatMapWithState<string, string>("seen", Text, (seen, v) => (seen + v, [seen + v])).To("out", Text, Text);
        using var driver = new TopologyTestDriver(builder.Build());
        driver.Enqueue("a", "k", "a1", Text, Text);
        driver.Enqueue("b", "k", "b1", Text, Text);
        driver.Enqueue("b", "other", "b2", Text, Text);
        gates["b1"].SetResult(); // ready at once, if only it may start
        gates["b2"].SetResult();
        driver.PumpNext();
        Assert.Equal(["b2"], driver.Read("out", Text, Text).Select(r => r.Value));
        gates["a1"].SetResult();
        driver.Settle();
        Assert.Equal(["a1", "a1b1"], driver.Read("out", Text, Text).Select(r => r.Value));
    }
}
