using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams;

/// <summary>The three orderings, and holding back updates.</summary>
public sealed class OrderingTests
{
    private static readonly ISerde<string> Text = Serdes.Utf8;

    private sealed class Gated : IDisposable
    {
        private readonly Dictionary<string, TaskCompletionSource> gates = [];
        private readonly TopologyTestDriver driver;
        public List<string> Started { get; } = [];

        public Gated(Ordering? ofTopology, Ordering? ofStream = null)
        {
            foreach (var value in new[] { "a1", "a2", "b1" }) gates[value] = new();
            var builder = new StreamsBuilder("test");
            if (ofTopology is { } ordering) builder.Ordering = ordering;
            var stream = builder.Stream("in", Text, Text);
            if (ofStream is { } asked) stream.Ordered(asked);
            stream.MapAsync("slow", async (_, v, _) =>
            {
                lock (Started) Started.Add(v);
                await gates[v].Task;
                return v == "a1" ? throw new PoisonException("bad") : v;
            }).To("out", Text, Text);
            driver = new TopologyTestDriver(builder.Build());
            foreach (var value in gates.Keys) driver.Enqueue("in", value[..1], value, Text, Text);
        }

        public void End(string value)
        {
            gates[value].SetResult();
            driver.PumpNext();
        }

        public List<string?> Out() => [.. driver.Read("out", Text, Text).Select(r => r.Value)];
        public int DeadLetters() => driver.ReadDeadLetters("in").Count;
        public bool Runs(params string[] values) => SpinWait.SpinUntil(() => { lock (Started) return Started.Order().SequenceEqual(values); }, TimeSpan.FromSeconds(60));
        public void Dispose() => driver.Dispose();
    }

    [Fact]
    public void Partition_one_record_at_a_time()
    {
        using var gated = new Gated(Ordering.Partition);
        Assert.True(gated.Runs("a1"));
        gated.End("a1");
        Assert.True(gated.Runs("a1", "a2"));
        gated.End("a2");
        Assert.True(gated.Runs("a1", "a2", "b1"));
        gated.End("b1");
        Assert.Equal(["a2", "b1"], gated.Out());
    }

    [Fact]
    public void None_all_at_once_yet_outputs_in_order_per_key()
    {
        using var gated = new Gated(null, Ordering.None);
        Assert.True(gated.Runs("a1", "a2", "b1"));
        gated.End("a2");
        Assert.Empty(gated.Out());
        gated.End("b1");
        Assert.Equal(["b1"], gated.Out());
        gated.End("a1"); // dead-lettered; its follower leaves with it
        Assert.Equal(["a2"], gated.Out());
        Assert.Equal(1, gated.DeadLetters());
    }

    [Fact]
    public void None_is_refused_where_there_is_state_and_two_orderings_in_one_part_are_too()
    {
        var builder = new StreamsBuilder("test") { Ordering = Ordering.None };
        builder.Stream("in", Text, Text).GroupByKey().Count("counts").MapValues(n => $"{n}").To("out", Text, Text);
        Assert.Contains("counts", Assert.Throws<StreamsConfigurationException>(builder.Build).Message);
        builder = new StreamsBuilder("test");
        builder.Stream("in", Text, Text).Ordered(Ordering.None).MapValues(v => v).Ordered(Ordering.Partition).To("out", Text, Text);
        Assert.Contains("several orderings", Assert.Throws<StreamsConfigurationException>(builder.Build).Message);
    }

    [Fact]
    public void Suppress_passes_on_the_last_update_after_the_limit_or_silence()
    {
        var builder = new StreamsBuilder("test");
        builder.Stream("in", Text, Text).Suppress("held", Text, Suppressed.UntilTimeLimit(TimeSpan.FromSeconds(10)).AfterIdle(TimeSpan.FromSeconds(3))).To("out", Text, Text);
        using var driver = new TopologyTestDriver(builder.Build());
        driver.Pipe("in", "a", "1", Text, Text, 1_000);
        driver.Pipe("in", "b", "x", Text, Text, 90_000);
        driver.Pipe("in", "a", "2", Text, Text, 10_999);
        Assert.Empty(driver.Read("out", Text, Text));
        driver.Pipe("in", "a", "3", Text, Text, 11_000);
        var released = Assert.Single(driver.Read("out", Text, Text));
        Assert.Equal(("2", 10_999L), (released.Value, released.TimestampMs));
        driver.Restart();
        driver.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(["3", "x"], driver.Read("out", Text, Text).Select(r => r.Value).Order());
    }

    [Fact]
    public void Suppress_holds_the_parts_of_a_key_side_by_side()
    {
        var builder = new StreamsBuilder("test");
        builder.Stream("in", Text, Text).GroupByKey().WindowedBy(TimeWindows.Tumbling(TimeSpan.FromSeconds(1)).Emit(EmitStrategy.OnWindowUpdate))
            .Aggregate("w", Serdes.Int64, (_, _) => 0L, (n, _, _) => n + 1, (_, w, n) => $"{w.StartMs}:{n}")
            .Suppress("held", Text, Suppressed.UntilTimeLimit(TimeSpan.FromSeconds(10)), v => v.Split(':')[0]).To("out", Text, Text);
        using var driver = new TopologyTestDriver(builder.Build());
        foreach (var time in new[] { 0, 1, 2, 1_000, 1_001 }) driver.Pipe("in", "a", "v", Text, Text, time);
        driver.Pipe("in", "a", "v", Text, Text, 11_000);
        Assert.Equal(["0:3", "1000:2"], driver.Read("out", Text, Text).Select(r => r.Value));
    }
}
