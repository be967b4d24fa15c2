using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams;

/// <summary>The policy for strange timestamps: believed, and bounded by what the windows say about late records.</summary>
public sealed class TimestampTests
{
    private const long Now = 1_700_000_000_000;
    private const long FarFuture = 4_000_000_000_000; // 2096
    private static readonly ISerde<string> Text = Serdes.Utf8;
    private static readonly TimeSpan Size = TimeSpan.FromSeconds(10);

    private static TopologyTestDriver Windows(WindowClock clock)
    {
        var builder = new StreamsBuilder("test");
        var grouped = builder.Stream("in", Text, Text).GroupByKey();
        grouped.WindowedBy(TimeWindows.Tumbling(Size).By(clock))
            .Aggregate("windows", Serdes.Int64, (_, _) => 0L, (n, _, _) => n + 1, (key, w, n) => $"{key}@{w.StartMs}={n}").To("windows", Text, Text);
        grouped.WindowedBy(SessionWindows.WithInactivityGap(Size).By(clock))
            .Aggregate("sessions", Serdes.Int64, _ => 0L, (n, _, _) => n + 1, (_, a, b) => a + b, (key, w, n) => $"{key}@{w.StartMs}={n}").To("sessions", Text, Text);
        return new TopologyTestDriver(builder.Build());
    }

    private static void Pipe(TopologyTestDriver driver, string key, long timestampMs) => driver.Pipe("in", key, "v", Text, Text, timestampMs);
    private static List<string?> Values(TopologyTestDriver driver, string topic) => [.. driver.Read(topic, Text, Text).Select(r => r.Value)];

    [Theory]
    [InlineData("windows")]
    [InlineData("sessions")]
    public void An_ancient_record_has_a_window_of_its_own_if_its_key_is_new_and_is_late_if_its_key_is_ahead(string topic)
    {
        using var driver = Windows(WindowClock.Key);
        Pipe(driver, "ahead", Now);
        Pipe(driver, "ahead", 5); // late
        Pipe(driver, "new", 5);
        Pipe(driver, "new", Now);
        Pipe(driver, "ahead", Now + 100_000);
        Assert.Equal([$"new@{(topic == "windows" ? 0 : 5)}=1", $"ahead@{Now}=1"], Values(driver, topic));
    }

    [Theory]
    [InlineData("windows")]
    [InlineData("sessions")]
    public void By_partition_time_an_ancient_record_is_late_for_every_key(string topic)
    {
        using var driver = Windows(WindowClock.Partition);
        Pipe(driver, "ahead", Now);
        Pipe(driver, "new", 5);
        Pipe(driver, "ahead", Now + 100_000);
        Assert.Equal([$"ahead@{Now}=1"], Values(driver, topic));
    }

    [Theory]
    [InlineData("windows", WindowClock.Key)]
    [InlineData("sessions", WindowClock.Key)]
    [InlineData("windows", WindowClock.Partition)]
    [InlineData("sessions", WindowClock.Partition)]
    public void A_record_without_time_counts_as_the_epoch(string topic, WindowClock clock)
    {
        using var driver = Windows(clock);
        Pipe(driver, "k", -1);
        Pipe(driver, "k", 7);
        Pipe(driver, "k", Now);
        Assert.Equal(["k@0=2"], Values(driver, topic));
    }

    [Theory]
    [InlineData("windows", FarFuture)]
    [InlineData("sessions", FarFuture)]
    [InlineData("windows", long.MaxValue)]
    [InlineData("sessions", long.MaxValue)]
    public void A_record_of_the_far_future_closes_its_keys_windows_and_makes_only_that_keys_records_late(string topic, long future)
    {
        using var driver = Windows(WindowClock.Key);
        foreach (var key in new[] { "k", "other" }) Pipe(driver, key, Now);
        Pipe(driver, "k", future);
        foreach (var key in new[] { "k", "other" }) Pipe(driver, key, Now + 1);
        foreach (var key in new[] { "k", "other" }) Pipe(driver, key, Now + 100_000);
        var values = Values(driver, topic);
        Assert.Equal([$"k@{Now}=1", $"other@{Now}=2"], values.Where(v => v!.Contains($"@{Now}=")));
        Assert.DoesNotContain($"k@{Now + 1}=1", values);
        Assert.Empty(driver.ReadDeadLetters("in"));
    }

    [Fact]
    public void By_partition_time_the_far_future_makes_the_whole_partition_late()
    {
        using var driver = Windows(WindowClock.Partition);
        foreach (var key in new[] { "k", "other" }) Pipe(driver, key, Now);
        Pipe(driver, "k", FarFuture);
        Pipe(driver, "other", Now + 1);
        Assert.Equal([$"k@{Now}=1", $"other@{Now}=1"], Values(driver, "windows").Order());
    }

    [Theory]
    [InlineData(5)]
    [InlineData(FarFuture)]
    [InlineData(long.MaxValue)]
    public void Outputs_carry_the_time_as_it_is(long timestampMs)
    {
        using var driver = Copy();
        Pipe(driver, "k", timestampMs);
        Assert.Equal(timestampMs, Assert.Single(driver.Read("out", Text, Text)).TimestampMs);
    }

    [Fact]
    public void The_output_of_a_record_without_time_gets_the_time_of_writing()
    {
        using var driver = Copy();
        Pipe(driver, "k", -1);
        Assert.Equal(driver.NowMs, Assert.Single(driver.Read("out", Text, Text)).TimestampMs);
    }

    [Fact]
    public void Joins_pair_ancient_and_future_records_by_their_times_and_impossible_ones_are_late()
    {
        var builder = new StreamsBuilder("test");
        builder.Stream("left", Text, Text).Join(builder.Stream("right", Text, Text), "join", Text, Text, JoinWindows.Of(Size), (l, r) => l + r).To("out", Text, Text);
        using var driver = new TopologyTestDriver(builder.Build());
        foreach (var (topic, value, time) in new[] { ("left", "a", -1L), ("right", "b", 3), ("left", "x", long.MaxValue), ("left", "c", FarFuture), ("right", "d", FarFuture + 1), ("right", "e", Now) })
            driver.Pipe(topic, "k", value, Text, Text, time);
        Assert.Equal(["ab", "cd"], Values(driver, "out"));
    }

    private static TopologyTestDriver Copy()
    {
        var builder = new StreamsBuilder("test");
        builder.Stream("in", Text, Text).To("out", Text, Text);
        return new TopologyTestDriver(builder.Build());
    }
}
