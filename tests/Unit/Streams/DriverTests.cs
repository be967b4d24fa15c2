using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams;

/// <summary>Promises of the runtime that hold for every topology, seen through the test driver.</summary>
public sealed class DriverTests
{
    private static readonly ISerde<string> Text = Serdes.Utf8;

    private static TopologyTestDriver Driver(Action<StreamsBuilder> build, StreamsOptions? options = null)
    {
        var builder = new StreamsBuilder("test");
        build(builder);
        return new TopologyTestDriver(builder.Build(), options);
    }

    private static List<string?> Values(TopologyTestDriver driver, string topic) => [.. driver.Read(topic, Text, Text).Select(r => r.Value)];

    [Fact]
    public void Stateless_steps_apply_in_order()
    {
        using var driver = Driver(b => b.Stream("in", Text, Text).Filter((k, v) => v != "drop").MapValues(v => v + "!").FlatMapValues(v => new[] { v, v + v }).To("out", Text, Text));
        driver.Pipe("in", "k", "a", Text, Text);
        driver.Pipe("in", "k", "drop", Text, Text);
        Assert.Equal(["a!", "a!a!"], Values(driver, "out"));
    }

    [Fact]
    public void Merge_branch_and_select_key_route_records()
    {
        using var driver = Driver(b =>
        {
            var merged = b.Stream("a", Text, Text).Merge(b.Stream("b", Text, Text));
            var (low, high) = merged.Split((_, v) => string.CompareOrdinal(v, "m") < 0);
            low.To("low", Text, Text);
            high.SelectKey((_, v) => v).To("high", Text, Text);
        });
        driver.Pipe("a", "k", "b", Text, Text);
        driver.Pipe("b", "k", "z", Text, Text);
        Assert.Equal(["b"], Values(driver, "low"));
        Assert.Equal("z", Assert.Single(driver.Read("high", Text, Text)).Key);
    }

    [Fact]
    public void Async_steps_keep_the_order_of_a_key_while_keys_overtake_each_other()
    {
        var gates = new Dictionary<string, TaskCompletionSource> { ["a1"] = new(), ["a2"] = new(), ["b1"] = new() };
        var started = new List<string>();
        using var driver = Driver(b => b.Stream("in", Text, Text).MapAsync("slow", async (_, v, _) =>
        {
            lock (started) started.Add(v);
            await gates[v].Task;
            return v;
        }).To("out", Text, Text));
        driver.Enqueue("in", "a", "a1", Text, Text);
        driver.Enqueue("in", "a", "a2", Text, Text);
        driver.Enqueue("in", "b", "b1", Text, Text);
        gates["a2"].SetResult();
        gates["b1"].SetResult();
        driver.PumpNext();
        Assert.Equal(["b1"], Values(driver, "out"));
        lock (started) Assert.DoesNotContain("a2", started);
        gates["a1"].SetResult();
        driver.Settle();
        Assert.Equal(["a1", "a2"], Values(driver, "out"));
    }

    [Fact]
    public void Results_of_one_record_leave_in_order_whatever_the_order_of_their_ends()
    {
        var first = new TaskCompletionSource();
        using var driver = Driver(b => b.Stream("in", Text, Text).FlatMapValues(v => v.Split(',')).MapAsync("slow", async (_, v, _) =>
        {
            if (v == "1") await first.Task; else first.TrySetResult();
            return v;
        }).To("out", Text, Text));
        driver.Pipe("in", "k", "1,2,3", Text, Text);
        Assert.Equal(["1", "2", "3"], Values(driver, "out"));
    }

    [Fact]
    public void Effects_follow_the_finish()
    {
        var gate = new TaskCompletionSource();
        using var driver = Driver(b => b.Stream("in", Text, Text)
            .Process<string, string>("seen", Text, (state, v) => { state.Put((state.Get() ?? "") + v); return [v]; })
            .MapAsync("slow", async (_, v, _) => { await gate.Task; return v; }).To("out", Text, Text));
        driver.Enqueue("in", "k", "a", Text, Text);
        driver.Pump();
        Assert.Null(driver.State("seen", "k", Text));
        Assert.Empty(Values(driver, "out"));
        driver.Restart(); // a crash before the finish: the record runs again, its state change is applied once
        gate.SetResult();
        driver.Settle();
        Assert.Equal("a", driver.State("seen", "k", Text));
        Assert.Equal(["a"], Values(driver, "out"));
    }

    [Fact]
    public void State_survives_a_restart_with_its_sub_keys()
    {
        using var driver = Driver(b => b.Stream("in", Text, Text).Process<string, string>("store", Text, (state, v) =>
        {
            if (v == "clear") { state.DeleteAll(); return []; }
            state.Put(v, v);
            return [string.Join("+", state.All().Select(e => e.Value))];
        }).To("out", Text, Text));
        driver.Pipe("in", "k", "b", Text, Text);
        driver.Restart();
        driver.Pipe("in", "k", "a", Text, Text);
        Assert.Equal(["b", "a+b"], Values(driver, "out"));
        driver.Pipe("in", "k", "clear", Text, Text);
        driver.Restart();
        driver.Pipe("in", "k", "c", Text, Text);
        Assert.Equal(["c"], Values(driver, "out"));
    }

    [Fact]
    public void A_poison_record_goes_to_the_dead_letters_and_leaves_no_other_trace()
    {
        using var driver = Driver(b => b.Stream("in", Text, Text)
            .Process<List<string>, string>("store", Serdes.Json<List<string>>(), (state, v) =>
            {
                var list = state.Get() ?? [];
                list.Add(v); // in place: must not survive the failure either
                state.Put(list);
                return [string.Join(",", list)];
            })
            .MapValues(v => v.EndsWith("bad", StringComparison.Ordinal) ? throw new PoisonException("no good") : v).To("out", Text, Text));
        driver.Pipe("in", "k", "a", Text, Text);
        driver.Pipe("in", "k", "bad", Text, Text, headers: new RecordHeaders().Add("tenant", "t1"));
        driver.Pipe("in", "k", "b", Text, Text);
        Assert.Equal(["a", "a,b"], Values(driver, "out"));
        var letter = Assert.Single(driver.ReadDeadLetters("in"));
        Assert.Equal("bad"u8.ToArray(), letter.Value);
        Assert.Equal("PoisonException: no good", letter.Headers.LastUtf8("dlq.cause"));
        Assert.Equal("map-1", letter.Headers.LastUtf8("dlq.step"));
        Assert.Equal("1", letter.Headers.LastUtf8("dlq.offset"));
        Assert.Equal("in", letter.Headers.LastUtf8("dlq.topic"));
        Assert.Equal("test", letter.Headers.LastUtf8("dlq.app"));
        Assert.Equal("t1", letter.Headers.LastUtf8("tenant"));
    }

    [Fact]
    public void Malformed_bytes_are_poison()
    {
        using var driver = Driver(b => b.Stream("in", Text, Serdes.Int64).To("out", Text, Serdes.Int64));
        driver.PipeBytes("in", "k"u8.ToArray(), [1, 2]);
        driver.PipeBytes("in", [0xff, 0xfe], new byte[8]);
        driver.Pipe("in", "k", 7L, Text, Serdes.Int64);
        Assert.Equal(2, driver.ReadDeadLetters("in").Count);
        Assert.Equal(7, Assert.Single(driver.Read("out", Text, Serdes.Int64)).Value);
    }

    [Fact]
    public void A_transient_error_is_retried_in_place_and_later_records_of_the_key_wait()
    {
        var attempts = 0;
        using var driver = Driver(b => b.Stream("in", Text, Text).MapAsync("call", (_, v, _) =>
            v == "a" && Interlocked.Increment(ref attempts) < 4 ? throw new TransientException("busy") : Task.FromResult(v)).To("out", Text, Text));
        driver.Enqueue("in", "k", "a", Text, Text);
        driver.Enqueue("in", "k", "b", Text, Text);
        driver.Settle();
        Assert.Equal(4, attempts);
        Assert.Equal(["a", "b"], Values(driver, "out"));
    }

    [Fact]
    public void A_transient_error_that_outlives_its_attempts_is_dead_lettered()
    {
        var attempts = 0;
        using var driver = Driver(b => b.Stream("in", Text, Text).MapAsync<string>("call", (_, _, _) =>
        {
            Interlocked.Increment(ref attempts);
            throw new TimeoutException();
        }).To("out", Text, Text), new StreamsOptions { MaxAttempts = 3, TableWaitMs = 0 });
        driver.Pipe("in", "k", "a", Text, Text);
        Assert.Equal(3, attempts);
        Assert.Equal("3", Assert.Single(driver.ReadDeadLetters("in")).Headers.LastUtf8("dlq.attempts"));
    }

    [Fact]
    public void A_transient_error_of_a_synchronous_step_runs_the_record_again_without_its_first_effects()
    {
        var attempts = 0;
        using var driver = Driver(b => b.Stream("in", Text, Text)
            .Process<string, string>("store", Text, (state, v) => { state.Put(state.Get() + v); return [state.Get()!]; })
            .MapValues(v => attempts++ == 0 ? throw new IOException("once") : v).To("out", Text, Text));
        driver.Pipe("in", "k", "a", Text, Text);
        Assert.Equal(["a"], Values(driver, "out"));
    }

    [Fact]
    public void An_unknown_error_is_fatal_and_nothing_of_its_record_is_committed()
    {
        using var driver = Driver(b => b.Stream("in", Text, Text).MapValues(v => v == "b" ? throw new InvalidOperationException("bug") : v).To("out", Text, Text));
        driver.Pipe("in", "k", "a", Text, Text);
        var error = Assert.Throws<FatalStepException>(() => driver.Pipe("in", "k", "b", Text, Text));
        Assert.Contains("offset 1", error.Message);
        Assert.Equal(["a"], Values(driver, "out"));
    }

    [Fact]
    public void The_application_can_classify()
    {
        using var driver = Driver(b => b.Stream("in", Text, Text).MapValues<string>(_ => throw new InvalidOperationException("known")).To("out", Text, Text),
            new StreamsOptions { TableWaitMs = 0, Classify = e => e is InvalidOperationException ? ErrorClass.Poison : null });
        driver.Pipe("in", "k", "a", Text, Text);
        Assert.Single(driver.ReadDeadLetters("in"));
    }

    [Fact]
    public void A_join_sees_the_table_as_it_is_when_the_record_comes()
    {
        using var driver = Driver(b =>
        {
            var table = b.Table("table", Text, Text);
            var stream = b.Stream("in", Text, Text);
            stream.Join(table, (v, row) => v + row).To("inner", Text, Text);
            stream.LeftJoin(table, (v, row) => v + (row ?? "-")).To("left", Text, Text);
        });
        driver.Pipe("in", "k", "a", Text, Text);
        driver.Pipe("table", "k", "1", Text, Text);
        driver.Pipe("in", "k", "b", Text, Text);
        driver.Restart();
        driver.Pipe("in", "k", "c", Text, Text);
        driver.Pipe<string, string>("table", "k", null, Text, Text);
        driver.Pipe("in", "k", "d", Text, Text);
        Assert.Equal(["b1", "c1"], Values(driver, "inner"));
        Assert.Equal(["a-", "b1", "c1", "d-"], Values(driver, "left"));
    }

    [Fact]
    public void A_record_waits_a_bounded_time_for_its_row()
    {
        using var driver = Driver(b => b.Stream("in", Text, Text).LeftJoin(b.Table("table", Text, Text), (v, row) => v + (row ?? "-")).To("out", Text, Text),
            new StreamsOptions { TableWaitMs = 500 });
        driver.Enqueue("in", "k", "a", Text, Text);
        driver.Enqueue("in", "k", "b", Text, Text);
        driver.Enqueue("in", "other", "c", Text, Text);
        driver.Pump();
        Assert.Empty(Values(driver, "out"));
        driver.Enqueue("table", "k", "1", Text, Text);
        driver.Pump();
        Assert.Equal(["a1", "b1"], Values(driver, "out"));
        driver.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal(["c-"], Values(driver, "out"));
    }

    [Fact]
    public void A_sink_gets_batches_in_offset_order_and_finishes_records_after_the_write()
    {
        var batches = new List<string>();
        var failures = 1;
        using var driver = Driver(b => b.Stream("in", Text, Text).ToSink("db", (batch, _) =>
        {
            if (failures-- > 0) throw new TransientException("db is down");
            batches.Add(string.Join(",", batch.Select(r => $"{r.Key}{r.Offset}={r.Value}")));
            return Task.CompletedTask;
        }, new SinkOptions { MaxRecords = 2, LingerMs = 50 }));
        driver.Enqueue("in", "a", "x", Text, Text);
        driver.Enqueue("in", "a", "y", Text, Text);
        driver.Enqueue("in", "b", "z", Text, Text);
        driver.Settle();
        Assert.Equal(["a0=x,a1=y", "b2=z"], batches);
    }

    [Fact]
    public void A_sink_isolates_the_record_that_fails()
    {
        var written = new List<string>();
        using var driver = Driver(b => b.Stream("in", Text, Text).ToSink("db", (batch, _) =>
        {
            if (batch.Any(r => r.Value == "bad")) throw new PoisonException("constraint");
            lock (written) written.AddRange(batch.Select(r => r.Value));
            return Task.CompletedTask;
        }));
        foreach (var value in new[] { "x", "bad", "y" }) driver.Enqueue("in", "k", value, Text, Text);
        driver.Settle();
        Assert.Equal(["x", "y"], written);
        Assert.Equal("bad"u8.ToArray(), Assert.Single(driver.ReadDeadLetters("in")).Value);
    }

    [Fact]
    public void A_sink_halves_a_batch_to_find_the_record_that_fails()
    {
        var attempts = new List<string>();
        using var driver = Driver(b => b.Stream("in", Text, Text).ToSink("db", (batch, _) =>
        {
            lock (attempts) attempts.Add(string.Concat(batch.Select(r => r.Value)));
            return batch.Any(r => r.Value == "f") ? throw new PoisonException("constraint") : Task.CompletedTask;
        }));
        foreach (var value in "abcdefgh") driver.Enqueue("in", "k", $"{value}", Text, Text);
        driver.Settle();
        Assert.Equal(["abcdefgh", "abcd", "efgh", "ef", "e", "f", "gh"], attempts);
        Assert.Single(driver.ReadDeadLetters("in"));
    }

    [Fact]
    public void The_idle_timer_fires_once_per_silence_and_can_be_set_again()
    {
        using var driver = Driver(b => b.Stream("in", Text, Text).Process<string, string>("session", Text,
            (state, v) => { state.Put(v); return []; },
            new IdleTimer<string, string>(TimeSpan.FromSeconds(10), state =>
            {
                var last = state.Get()!;
                if (last == "again") { state.Delete(); return ["gone"]; }
                state.Put("again");
                state.IdleAgainAfter(TimeSpan.FromSeconds(1));
                return ["silent after " + last];
            })).To("out", Text, Text));
        driver.Pipe("in", "k", "a", Text, Text);
        driver.Advance(TimeSpan.FromSeconds(9));
        driver.Pipe("in", "k", "b", Text, Text);
        driver.Advance(TimeSpan.FromSeconds(9));
        Assert.Empty(Values(driver, "out"));
        driver.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(["silent after b"], Values(driver, "out"));
        driver.Advance(TimeSpan.FromSeconds(100));
        Assert.Equal(["gone"], Values(driver, "out"));
    }

    [Fact]
    public void Forwarded_and_added_headers_reach_the_output_others_do_not()
    {
        using var driver = Driver(b => b.Stream("in", Text, Text).MapValues((context, v) => { context.AddHeader("x", "1"); return v; }).To("out", Text, Text));
        driver.Pipe("in", "k", "a", Text, Text, 42, new RecordHeaders().Add("tenant", "t").Add("private", "p"));
        var record = Assert.Single(driver.Read("out", Text, Text));
        Assert.Equal(["tenant", "x"], record.Headers.Select(h => h.Key));
        Assert.Equal(42, record.TimestampMs);
    }

    [Fact]
    public void Idempotency_keys_repeat_after_a_crash_and_differ_between_calls()
    {
        var keys = new List<string>();
        var gate = new TaskCompletionSource();
        using var driver = Driver(b => b.Stream("in", Text, Text).FlatMapValues(v => v.Split(',')).MapAsync("call", async (context, v, _) =>
        {
            lock (keys) keys.Add(context.IdempotencyKey);
            await gate.Task;
            return v;
        }).To("out", Text, Text));
        driver.Enqueue("in", "k", "1,2", Text, Text);
        Assert.True(SpinWait.SpinUntil(() => { lock (keys) return keys.Count == 2; }, TimeSpan.FromSeconds(60)));
        driver.Restart();
        gate.SetResult();
        driver.Settle();
        Assert.Equal(4, keys.Count);
        Assert.Equal(2, keys.Distinct().Count());
    }

    [Fact]
    public void A_wrong_topology_is_refused_by_name()
    {
        var builder = new StreamsBuilder("test");
        var stream = builder.Stream("in", Text, Text);
        Assert.Contains("in", Assert.Throws<StreamsConfigurationException>(() => builder.Table("in", Text, Text)).Message);
        Assert.Contains("store", Assert.Throws<StreamsConfigurationException>(() => stream.SelectKey((_, v) => v).GroupByKey().Count("store")).Message);
        stream.GroupByKey().Count("twice");
        Assert.Contains("twice", Assert.Throws<StreamsConfigurationException>(() => stream.GroupByKey().Count("twice")).Message);
        Assert.Throws<StreamsConfigurationException>(() => new StreamsBuilder("empty").Build());
        Assert.Contains("1..60000", Assert.Throws<StreamsConfigurationException>(() => new StreamsOptions { ApplicationId = "x", CommitIntervalMs = 0 }.Validate()).Message);
    }

    [Fact]
    public void Describe_names_every_step()
    {
        var builder = new StreamsBuilder("app");
        builder.Stream("in", Text, Text).Join(builder.Table("table", Text, Text), (v, _) => v).GroupByKey().Count("counts").To("out", Text, Serdes.Int64);
        builder.Stream("other", Text, Text).To("copy", Text, Text);
        var topology = builder.Build();
        var text = topology.Describe();
        foreach (var part in new[] { "application app", "sub-topology 0", "sub-topology 1", "stream in", "table table", "process counts", "to out", "to copy" }) Assert.Contains(part, text);
        Assert.StartsWith("flowchart LR", topology.DescribeMermaid());
    }
}
