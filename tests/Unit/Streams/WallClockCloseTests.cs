using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams;

/// <summary>Silence closes a window only when nothing of its key can still be on its way: the partition is read to its end and not paused, and nothing is in flight or deferred.</summary>
public sealed class WallClockCloseTests
{
    private const double Silence = 3;
    private const double Recheck = 0.05; // a timer that must wait looks again
    private static readonly ISerde<string> Text = Serdes.Utf8;

    private static void Window(IKStream<string, string> stream) => stream.GroupByKey()
        .WindowedBy(TimeWindows.Tumbling(TimeSpan.FromSeconds(10)).CloseAfterIdle(TimeSpan.FromSeconds(Silence)))
        .Aggregate("windows", Text, (_, _) => "", (acc, v, _) => acc + v, (key, _, acc) => $"{key}:{acc}").To("out", Text, Text);

    private static void Idle(IKStream<string, string> stream) => stream
        .FlatMapWithState<string, string>("last", Text, (_, before, v) => (before + v, []), TimeSpan.FromSeconds(Silence), (context, all) => (all, [$"{context.Key}:{all}"])).To("out", Text, Text);

    private static SingleTask Task(bool window) => new(b =>
    {
        var stream = b.Stream("in", Text, Text);
        if (window) Window(stream); else Idle(stream);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Not_while_the_partition_is_not_read_to_its_end(bool window)
    {
        var task = Task(window);
        task.Read("in", "a", "1");
        task.Advance(60);
        Assert.Empty(task.Commit("out"));
        task.ReadToEnd("in");
        task.Read("in", "b", "1"); // there is more again, of whatever key
        task.Advance(60);
        Assert.Empty(task.Commit("out"));
        task.ReadToEnd("in");
        task.Advance(Recheck);
        Assert.Equal(["a:1", "b:1"], task.Commit("out").Order());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Not_while_another_input_of_the_task_is_not_read_to_its_end(bool window)
    {
        var task = new SingleTask(b =>
        {
            var both = b.Stream("in", Text, Text).Merge(b.Stream("more", Text, Text));
            if (window) Window(both); else Idle(both);
        });
        task.Read("in", "a", "1");
        task.ReadToEnd("in");
        task.Advance(60);
        Assert.Empty(task.Commit("out"));
        task.ReadToEnd("more");
        task.Advance(Recheck);
        Assert.Equal(["a:1"], task.Commit("out"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Not_while_the_partition_is_paused_nor_in_the_first_second_after(bool window)
    {
        var task = Task(window);
        task.Read("in", "a", "1");
        task.ReadToEnd("in");
        task.Input("in").Paused = true;
        task.Advance(600);
        Assert.Empty(task.Commit("out"));
        (task.Input("in").Paused, task.Input("in").ResumedAtMs) = (false, task.Kernel.MonotonicMs);
        task.Advance(0.9); // what came meanwhile is not fetched at once
        Assert.Empty(task.Commit("out"));
        task.Advance(0.1 + Recheck);
        Assert.Equal(["a:1"], task.Commit("out"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Not_while_the_key_has_a_record_in_flight_and_then_not_before_a_silence_after_it(bool window)
    {
        var slow = new TaskCompletionSource();
        var builder = new StreamsBuilder("app");
        var called = builder.Stream("in", Text, Text).MapAsync("call", async (_, v, _) =>
        {
            if (v == "2") await slow.Task;
            return v;
        }, new StepOptions { TimeoutMs = 3_600_000 });
        if (window) Window(called); else Idle(called);
        using var driver = new TopologyTestDriver(builder.Build());
        driver.Pipe("in", "a", "1", Text, Text, 1_000);
        driver.Pipe("in", "b", "1", Text, Text, 1_000);
        driver.Enqueue("in", "a", "2", Text, Text, 1_000);
        driver.Time.Advance(TimeSpan.FromSeconds(600));
        driver.Pump();
        Assert.Equal(["b:1"], driver.Read("out", Text, Text).Select(r => r.Value)); // it holds its own key alone
        slow.SetResult();
        driver.Settle();
        driver.Advance(TimeSpan.FromSeconds(Silence - 0.1));
        Assert.Empty(driver.Read("out", Text, Text));
        driver.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(["a:12"], driver.Read("out", Text, Text).Select(r => r.Value));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Not_while_the_key_has_deferred_records(bool window)
    {
        var away = true;
        var builder = new StreamsBuilder("app");
        var checkedStream = builder.Stream("in", Text, Text, RetryTopics.After(TimeSpan.FromSeconds(30)).AtMost(100))
            .MapValues(v => away && v == "2" ? throw new DeferredException("away") : v);
        if (window) Window(checkedStream); else Idle(checkedStream);
        using var driver = new TopologyTestDriver(builder.Build());
        foreach (var (key, value) in new[] { ("a", "1"), ("a", "2"), ("b", "1") }) driver.Pipe("in", key, value, Text, Text, 1_000);
        driver.Advance(TimeSpan.FromSeconds(600));
        Assert.Equal(["b:1"], driver.Read("out", Text, Text).Select(r => r.Value));
        away = false;
        driver.Advance(TimeSpan.FromSeconds(30 + Silence));
        Assert.Equal(["a:12"], driver.Read("out", Text, Text).Select(r => r.Value));
    }
}
