using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams;

/// <summary>Deferred records: retry topics with delays, order of keys, ceiling, slow keys.</summary>
public sealed class RetryTopicTests
{
    private static readonly ISerde<string> Text = Serdes.Utf8;
    private static readonly RetryTopics Policy = RetryTopics.After(TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1));
    private readonly HashSet<string> failing = [];
    private readonly List<string> runs = [];

    private TopologyTestDriver Driver(RetryTopics policy, Action<StreamsOptions>? change = null)
    {
        var builder = new StreamsBuilder("app");
        builder.Stream("in", Text, Text, policy).MapValues(v =>
        {
            runs.Add(v);
            return failing.Contains(v) ? throw new DeferredException("quota") : v;
        }).To("out", Text, Text);
        var options = new StreamsOptions { TableWaitMs = 0 };
        change?.Invoke(options);
        return new TopologyTestDriver(builder.Build(), options);
    }

    private static List<string?> Out(TopologyTestDriver driver) => [.. driver.Read("out", Text, Text).Select(r => r.Value)];
    private static void Pipe(TopologyTestDriver driver, string value) => driver.Pipe("in", value[..1], value, Text, Text);

    [Fact]
    public void A_deferred_record_runs_again_after_its_delay_and_other_keys_go_on()
    {
        using var driver = Driver(Policy);
        failing.Add("a1");
        Pipe(driver, "a1");
        Pipe(driver, "b1");
        Assert.Equal(["b1"], Out(driver));
        failing.Clear();
        driver.Advance(TimeSpan.FromSeconds(4));
        Assert.Empty(Out(driver));
        driver.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["a1"], Out(driver));
        Assert.Equal(["a1", "b1", "a1"], runs);
    }

    [Fact]
    public void Later_records_of_its_key_follow_it_in_order()
    {
        using var driver = Driver(Policy);
        failing.Add("a1");
        foreach (var value in new[] { "a1", "a2", "a3" }) Pipe(driver, value);
        driver.Advance(TimeSpan.FromSeconds(30)); // a1 fails again and waits a minute; a2 and a3 must not overtake it
        Pipe(driver, "a4");
        Assert.Empty(Out(driver));
        failing.Clear();
        driver.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(["a1", "a2", "a3", "a4"], Out(driver));
        Pipe(driver, "a5");
        Assert.Equal(["a5"], Out(driver)); // no longer parked
        Assert.Equal(["a1", "a1", "a1", "a2", "a3", "a4", "a5"], runs);
    }

    [Fact]
    public void The_ceiling_leads_to_the_dead_letter_topic_and_the_key_goes_on()
    {
        using var driver = Driver(Policy.AtMost(3));
        failing.Add("a1");
        Pipe(driver, "a1");
        Pipe(driver, "a2");
        driver.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(4, runs.Count(r => r == "a1"));
        Assert.Equal(["a2"], Out(driver));
        var letter = driver.ReadDeadLetters("in").Single();
        Assert.Equal("0", letter.Headers.LastUtf8("dlq.offset"));
        Assert.Equal("in", letter.Headers.LastUtf8("dlq.topic"));
        Assert.Equal("4", letter.Headers.LastUtf8("dlq.attempts"));
        Assert.DoesNotContain(letter.Headers, h => h.Key.StartsWith("retry.", StringComparison.Ordinal));
    }

    [Fact]
    public void Parked_keys_survive_a_restart()
    {
        using var driver = Driver(Policy);
        failing.Add("a1");
        Pipe(driver, "a1");
        Pipe(driver, "a2");
        driver.Restart();
        Pipe(driver, "a3");
        Assert.Empty(Out(driver));
        failing.Clear();
        driver.Restart();
        driver.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(["a1", "a2", "a3"], Out(driver));
    }

    [Fact]
    public void An_unordered_input_lets_later_records_pass()
    {
        using var driver = Driver(Policy.Unordered());
        failing.Add("a1");
        Pipe(driver, "a1");
        Pipe(driver, "a2");
        Assert.Equal(["a2"], Out(driver));
        failing.Clear();
        driver.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(["a1"], Out(driver));
    }

    [Fact]
    public void Time_headers_and_idempotency_key_are_those_of_the_first_run()
    {
        var keys = new List<string>();
        var fail = true;
        var builder = new StreamsBuilder("app");
        builder.Stream("in", Text, Text, Policy).MapValues((context, v) =>
        {
            keys.Add(context.IdempotencyKey);
            return fail ? throw new DeferredException("later") : v;
        }).To("out", Text, Text);
        using var driver = new TopologyTestDriver(builder.Build());
        driver.Pipe("in", "a", "x", Text, Text, 777, new RecordHeaders().Add("tenant", "t1"));
        fail = false;
        driver.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(2, keys.Count);
        Assert.Equal(keys[0], keys[1]);
        var output = driver.Read("out", Text, Text).Single();
        Assert.Equal((777, "t1"), (output.TimestampMs, output.Headers.LastUtf8("tenant")));
        Assert.Single(output.Headers);
    }

    [Fact]
    public void A_parked_key_beyond_its_bound_is_dead_lettered()
    {
        using var driver = Driver(Policy.ParkAtMost(2));
        failing.Add("a1");
        foreach (var value in new[] { "a1", "a2", "a3" }) Pipe(driver, value);
        Assert.Contains("2 records of its key", driver.ReadDeadLetters("in").Single().Headers.LastUtf8("dlq.cause"));
        failing.Clear();
        driver.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["a1", "a2"], Out(driver));
    }

    [Fact]
    public void Transient_errors_go_there_when_their_attempts_are_used_up()
    {
        var fail = true;
        var tries = 0;
        var builder = new StreamsBuilder("app");
        builder.Stream("in", Text, Text, Policy).MapAsync("call", (_, v, _) =>
        {
            tries++;
            return fail ? throw new TransientException("away") : Task.FromResult(v);
        }).To("out", Text, Text);
        using var driver = new TopologyTestDriver(builder.Build(), new StreamsOptions { TableWaitMs = 0, MaxAttempts = 3 });
        Pipe(driver, "a1");
        Assert.Equal(3, tries);
        Assert.Empty(driver.ReadDeadLetters("in"));
        fail = false;
        driver.Advance(TimeSpan.FromSeconds(5));
        driver.Settle();
        Assert.Equal(["a1"], Out(driver));
    }

    [Fact]
    public void The_final_window_of_a_key_with_deferred_records_stays_open()
    {
        var builder = new StreamsBuilder("app");
        builder.Stream("in", Text, Text, Policy).MapValues(v => failing.Contains(v) ? throw new DeferredException("later") : v)
            .GroupByKey().WindowedBy(TimeWindows.Tumbling(TimeSpan.FromSeconds(10)).CloseAfterIdle(TimeSpan.FromSeconds(1)))
            .Aggregate("w", Serdes.Int64, (_, _) => 0L, (n, _, _) => n + 1, (_, _, n) => $"{n}").To("out", Text, Text);
        using var driver = new TopologyTestDriver(builder.Build());
        failing.Add("a2");
        foreach (var value in new[] { "a1", "a2", "b1" }) driver.Pipe("in", value[..1], value, Text, Text, 1000);
        driver.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("b", driver.Read("out", Text, Text).Single().Key);
        failing.Clear();
        driver.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal("2", driver.Read("out", Text, Text).Single().Value);
    }

    [Fact]
    public void A_record_that_blocks_its_key_too_long_is_given_up_to_the_retry_topic()
    {
        var calls = 0;
        var never = new TaskCompletionSource<string>();
        var builder = new StreamsBuilder("app");
        builder.Stream("in", Text, Text, Policy).MapAsync("call", (_, v, _) => v == "a1" && Interlocked.Increment(ref calls) == 1 ? never.Task : Task.FromResult(v)).To("out", Text, Text);
        using var driver = new TopologyTestDriver(builder.Build(), new StreamsOptions { TableWaitMs = 0, MaxBlockedMs = 2_000 });
        driver.Enqueue("in", "a", "a1", Text, Text);
        driver.Enqueue("in", "a", "a2", Text, Text);
        driver.Advance(TimeSpan.FromSeconds(3));
        Assert.Empty(Out(driver)); // a2 follows a1
        driver.Advance(TimeSpan.FromSeconds(4.5)); // less beyond its due time than the bound: real calls end while virtual time stands
        Assert.Equal(["a1", "a2"], Out(driver));
    }

    [Fact]
    public void A_key_whose_queue_is_full_goes_to_the_dead_letters_without_retry_topics()
    {
        var never = new TaskCompletionSource<string>();
        var builder = new StreamsBuilder("app");
        builder.Stream("in", Text, Text).MapAsync("call", (_, v, _) => v == "a1" ? never.Task : Task.FromResult(v)).To("out", Text, Text);
        using var driver = new TopologyTestDriver(builder.Build(), new StreamsOptions { TableWaitMs = 0, MaxQueuedPerKey = 2 });
        driver.Enqueue("in", "a", "a1", Text, Text);
        driver.Enqueue("in", "a", "a2", Text, Text);
        driver.Enqueue("in", "a", "a3", Text, Text);
        driver.Settle();
        Assert.Equal(["a2", "a3"], Out(driver));
        Assert.Single(driver.ReadDeadLetters("in"));
    }

    [Fact]
    public void Delays_name_topics_in_whole_units()
    {
        Assert.Equal("t.retry.90s", RetryTopics.TopicOf("t", TimeSpan.FromSeconds(90)));
        Assert.Equal("t.retry.2h", RetryTopics.TopicOf("t", TimeSpan.FromHours(2)));
        Assert.Equal("t.retry.250ms", RetryTopics.TopicOf("t", TimeSpan.FromMilliseconds(250)));
        Assert.Throws<StreamsConfigurationException>(() => RetryTopics.After());
    }
}
