using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams;

/// <summary>Hopping and session windows, partition time, and results at every update.</summary>
public sealed class WindowKindsTests
{
    private static readonly ISerde<string> Text = Serdes.Utf8;
    private static readonly TimeSpan Ten = TimeSpan.FromSeconds(10);

    private static TopologyTestDriver Driver(TimeWindows windows)
    {
        var builder = new StreamsBuilder("test");
        builder.Stream("in", Text, Text).GroupByKey().WindowedBy(windows)
            .Aggregate("windows", Text, (_, _) => "", (acc, v, _) => acc + v, (key, w, acc) => $"{key}@{w.StartMs / 1000}:{acc}").To("out", Text, Text);
        return new TopologyTestDriver(builder.Build());
    }

    private static TopologyTestDriver Driver(SessionWindows windows)
    {
        var builder = new StreamsBuilder("test");
        builder.Stream("in", Text, Text).GroupByKey().WindowedBy(windows)
            .Aggregate("sessions", Text, _ => "", (acc, v, _) => acc + v, (_, a, b) => a + "+" + b, (key, w, acc) => $"{key}@{w.StartMs / 1000}-{(w.EndMs - 1) / 1000}:{acc}")
            .To("out", Text, Text);
        return new TopologyTestDriver(builder.Build());
    }

    private static void Pipe(TopologyTestDriver driver, string key, string value, int second) => driver.Pipe("in", key, value, Text, Text, second * 1000L);
    private static List<string?> Out(TopologyTestDriver driver) => [.. driver.Read("out", Text, Text).Select(r => r.Value)];

    [Fact]
    public void A_record_counts_in_every_hopping_window_that_is_still_open_for_it()
    {
        using var driver = Driver(TimeWindows.Hopping(Ten, TimeSpan.FromSeconds(5)));
        Pipe(driver, "a", "1", 3);
        Pipe(driver, "a", "2", 7);
        Assert.Empty(Out(driver));
        Pipe(driver, "a", "3", 12);
        Assert.Equal(["a@0:12"], Out(driver));
        Pipe(driver, "a", "4", 8); // 0-10 is closed, 5-15 is not
        Pipe(driver, "a", "5", 30);
        Assert.Equal(["a@5:234", "a@10:3"], Out(driver));
    }

    [Fact]
    public void Results_can_come_at_every_update_instead_of_at_the_close()
    {
        using var driver = Driver(TimeWindows.Tumbling(Ten).Emit(EmitStrategy.OnWindowUpdate));
        Pipe(driver, "a", "1", 1);
        Pipe(driver, "a", "2", 2);
        Pipe(driver, "a", "3", 11);
        Pipe(driver, "a", "late", 3);
        Assert.Equal(["a@0:1", "a@0:12", "a@10:3"], Out(driver));
    }

    [Fact]
    public void By_partition_time_other_keys_close_a_silent_keys_window_and_make_it_late()
    {
        using var driver = Driver(TimeWindows.Tumbling(Ten).Grace(TimeSpan.FromSeconds(2)).By(WindowClock.Partition));
        Pipe(driver, "a", "1", 1);
        Pipe(driver, "b", "x", 11);
        Pipe(driver, "a", "2", 2); // within grace
        driver.Restart();
        Assert.Empty(Out(driver));
        Pipe(driver, "b", "y", 12);
        Assert.Equal(["a@0:12"], Out(driver));
        driver.Restart();
        Pipe(driver, "a", "late", 3);
        Pipe(driver, "c", "late", 3);
        Pipe(driver, "b", "z", 40);
        Assert.Equal(["b@10:xy"], Out(driver));
    }

    [Fact]
    public void By_partition_time_a_record_is_judged_by_the_time_at_its_reading_however_long_it_takes()
    {
        var gate = new TaskCompletionSource();
        var builder = new StreamsBuilder("test");
        builder.Stream("in", Text, Text)
            .MapAsync("slow", async (_, v, _) => { if (v == "slow") await gate.Task; return v; })
            .GroupByKey().WindowedBy(TimeWindows.Tumbling(Ten).By(WindowClock.Partition))
            .Aggregate("w", Serdes.Int64, (_, _) => 0L, (n, _, _) => n + 1, (key, w, n) => $"{key}@{w.StartMs / 1000}:{n}").To("out", Text, Text);
        using var driver = new TopologyTestDriver(builder.Build());
        driver.Enqueue("in", "a", "slow", Text, Text, 1_000);
        driver.Enqueue("in", "b", "fast", Text, Text, 5_000);
        driver.Enqueue("in", "b", "fast", Text, Text, 50_000);
        driver.PumpNext();
        Assert.Empty(Out(driver)); // the watermark stands before the slow record
        gate.SetResult();
        driver.Settle();
        Assert.Equal(["a@0:1", "b@0:1"], Out(driver).Order());
    }

    [Fact]
    public void Sessions_grow_merge_and_close_a_gap_and_grace_after_their_last_record()
    {
        using var driver = Driver(SessionWindows.WithInactivityGap(TimeSpan.FromSeconds(5)).Grace(Ten));
        Pipe(driver, "a", "1", 10);
        Pipe(driver, "a", "2", 20);
        Pipe(driver, "a", "3", 15); // lies between the two and merges them
        Pipe(driver, "a", "4", 35); // exactly gap and grace after 20: not closed yet
        Assert.Empty(Out(driver));
        Pipe(driver, "a", "5", 36);
        Assert.Equal(["a@10-20:1+23"], Out(driver));
        Pipe(driver, "a", "late", 20);
        Pipe(driver, "a", "6", 99);
        Assert.Equal(["a@35-36:45"], Out(driver));
    }

    [Fact]
    public void Silence_closes_a_session_and_nothing_within_its_gap_reopens_it()
    {
        using var driver = Driver(SessionWindows.WithInactivityGap(TimeSpan.FromSeconds(5)).CloseAfterIdle(TimeSpan.FromSeconds(3)));
        Pipe(driver, "a", "1", 10);
        driver.Restart();
        driver.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(["a@10-10:1"], Out(driver));
        driver.Restart();
        Pipe(driver, "a", "late", 15);
        Pipe(driver, "a", "2", 16);
        driver.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(["a@16-16:2"], Out(driver));
    }
}
