using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams;

/// <summary>Tumbling windows: per-key clock, grace, close by event time and by wall clock.</summary>
public sealed class WindowTests
{
    private static readonly ISerde<string> Text = Serdes.Utf8;

    private static TopologyTestDriver Driver(TimeWindows windows)
    {
        var builder = new StreamsBuilder("test");
        builder.Stream("in", Text, Text).GroupByKey().WindowedBy(windows)
            .Aggregate("windows", Text, (_, _) => "", (acc, v, _) => acc + v, (key, window, acc) => $"{key}@{window.StartMs}:{acc}").To("out", Text, Text);
        return new TopologyTestDriver(builder.Build());
    }

    private static List<string?> Out(TopologyTestDriver driver) => [.. driver.Read("out", Text, Text).Select(r => r.Value)];

    [Fact]
    public void A_window_closes_by_its_keys_own_clock_after_grace()
    {
        using var driver = Driver(TimeWindows.Tumbling(TimeSpan.FromSeconds(10)).Grace(TimeSpan.FromSeconds(2)));
        driver.Pipe("in", "a", "1", Text, Text, 1_000);
        driver.Pipe("in", "b", "x", Text, Text, 90_000); // another key's clock
        driver.Pipe("in", "a", "2", Text, Text, 11_999);
        driver.Pipe("in", "a", "3", Text, Text, 9_999); // within grace
        Assert.Empty(Out(driver));
        driver.Pipe("in", "a", "4", Text, Text, 12_000);
        Assert.Equal(["a@0:13"], Out(driver));
        driver.Pipe("in", "a", "late", Text, Text, 9_000);
        driver.Pipe("in", "a", "5", Text, Text, 30_000);
        Assert.Equal(["a@10000:24"], Out(driver));
    }

    [Fact]
    public void Silence_closes_the_last_window_and_a_late_record_does_not_reopen_it()
    {
        using var driver = Driver(TimeWindows.Tumbling(TimeSpan.FromSeconds(10)).Grace(TimeSpan.FromSeconds(2)).CloseAfterIdle(TimeSpan.FromSeconds(3)));
        driver.Pipe("in", "a", "1", Text, Text, 1_000, new RecordHeaders().Add("tenant", "t"));
        driver.Advance(TimeSpan.FromSeconds(2.9));
        Assert.Empty(driver.Read("out", Text, Text));
        driver.Advance(TimeSpan.FromSeconds(0.1));
        var closed = Assert.Single(driver.Read("out", Text, Text));
        Assert.Equal(("a@0:1", 9_999L, "t"), (closed.Value!, closed.TimestampMs, closed.Headers.LastUtf8("tenant")!));
        driver.Restart();
        driver.Pipe("in", "a", "2", Text, Text, 2_000);
        driver.Advance(TimeSpan.FromSeconds(10));
        Assert.Empty(Out(driver));
        driver.Pipe("in", "a", "3", Text, Text, 10_000);
        driver.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(["a@10000:3"], Out(driver));
    }

    [Fact]
    public void Open_windows_survive_a_restart_and_close_later_never_earlier()
    {
        using var driver = Driver(TimeWindows.Tumbling(TimeSpan.FromSeconds(10)).CloseAfterIdle(TimeSpan.FromSeconds(3)));
        driver.Pipe("in", "a", "1", Text, Text, 1_000);
        driver.Advance(TimeSpan.FromSeconds(2));
        driver.Restart();
        driver.Advance(TimeSpan.FromSeconds(2));
        Assert.Empty(Out(driver));
        driver.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["a@0:1"], Out(driver));
    }

    [Fact]
    public void The_closed_note_is_forgotten_after_a_long_silence()
    {
        using var driver = Driver(TimeWindows.Tumbling(TimeSpan.FromSeconds(10)).CloseAfterIdle(TimeSpan.FromSeconds(3)).Forget(TimeSpan.FromHours(1)));
        driver.Pipe("in", "a", "1", Text, Text, 1_000);
        driver.Advance(TimeSpan.FromMinutes(1));
        Assert.NotNull(driver.State("windows", "a", Serdes.Bytes, "closed"));
        driver.Advance(TimeSpan.FromHours(1));
        Assert.Null(driver.State("windows", "a", Serdes.Bytes, "closed"));
    }
}
