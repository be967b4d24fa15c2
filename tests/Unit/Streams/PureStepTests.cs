using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams;

/// <summary>Keyed steps of the form <c>(state, record) -> (new state, outputs)</c>.</summary>
public sealed class PureStepTests
{
    private static readonly ISerde<string> Text = Serdes.Utf8;

    private static TopologyTestDriver Driver(Action<StreamsBuilder> build)
    {
        var builder = new StreamsBuilder("pure");
        build(builder);
        return new TopologyTestDriver(builder.Build());
    }

    private static void Pipe(TopologyTestDriver driver, string key, params string[] values)
    {
        foreach (var value in values) driver.Pipe("in", key, value, Text, Text);
    }

    private static string[] Out(TopologyTestDriver driver) => [.. driver.Read("out", Text, Text).Select(r => $"{r.Key}={r.Value}")];

    /// <summary>Joins a key's values; "same" leaves the state, "end" gives and forgets it.</summary>
    private static (string? State, IReadOnlyList<string> Outputs) Join(string? before, string value) => value switch
    {
        "same" => (before, []),
        "end" => (null, [before ?? "none"]),
        _ => (before + value, []),
    };

    [Fact]
    public void What_it_returns_is_the_keys_state_also_after_a_restart_and_null_ends_it()
    {
        using var driver = Driver(b => b.Stream("in", Text, Text).FlatMapWithState("joined", Text, Join).To("out", Text, Text));
        Pipe(driver, "k", "a", "b");
        driver.Restart();
        Pipe(driver, "k", "c", "end", "end", "d", "end");
        Pipe(driver, "other", "end");
        Assert.Equal(["k=abc", "k=none", "k=d", "other=none"], Out(driver));
        Assert.All(driver.Read("pure-joined-changelog", Serdes.Bytes, Serdes.Bytes).GroupBy(r => Convert.ToHexString(r.Key!)), key => Assert.Null(key.Last().Value));
    }

    [Fact]
    public void The_same_object_again_writes_nothing()
    {
        using var driver = Driver(b => b.Stream("in", Text, Text).FlatMapWithState("joined", Text, Join).To("out", Text, Text));
        Pipe(driver, "k", "a", "same", "same");
        Assert.Single(driver.Read("pure-joined-changelog", Serdes.Bytes, Serdes.Bytes));
    }

    [Fact]
    public void A_record_that_fails_leaves_the_state_as_it_was()
    {
        using var driver = Driver(b => b.Stream("in", Text, Text)
            .FlatMapWithState<string, string>("joined", Text, (before, value) => value == "bad" ? throw new PoisonException("bad") : Join(before, value)).To("out", Text, Text));
        Pipe(driver, "k", "a", "bad", "b", "end");
        Assert.Equal(["k=ab"], Out(driver));
    }

    [Fact]
    public void Numbers_start_at_their_default_and_the_context_gives_key_and_time()
    {
        using var driver = Driver(b => b.Stream("in", Text, Text)
            .FlatMapWithState<long, string>("count", Serdes.Int64, (context, count, value) => (count + 1, [$"{context.Key} {value} {count} at {context.TimestampMs}"])).To("out", Text, Text));
        driver.Pipe("in", "k", "a", Text, Text, timestampMs: 5);
        driver.Pipe("in", "k", "b", Text, Text, timestampMs: 7);
        Assert.Equal(["k=k a 0 at 5", "k=k b 1 at 7"], Out(driver));
    }

    [Fact]
    public void Silence_runs_the_idle_step_once_for_keys_that_have_state()
    {
        using var driver = Driver(b => b.Stream("in", Text, Text)
            .FlatMapWithState("joined", Text, (_, before, value) => Join(before, value), idleAfter: TimeSpan.FromSeconds(2), onIdle: (context, joined) => ("x", [$"{context.Key} has {joined}"])).To("out", Text, Text));
        Pipe(driver, "k", "a");
        Pipe(driver, "gone", "b", "end");
        driver.Advance(TimeSpan.FromSeconds(3));
        driver.Advance(TimeSpan.FromSeconds(3));
        Pipe(driver, "k", "end");
        Assert.Equal(["gone=b", "k=k has a", "k=x"], Out(driver));
    }

    [Fact]
    public void An_idle_step_without_its_silence_is_refused() =>
        Assert.Throws<StreamsConfigurationException>(() => new StreamsBuilder("pure").Stream("in", Text, Text)
            .FlatMapWithState("joined", Text, (_, before, value) => Join(before, value), onIdle: (_, state) => (state, [])));
}
