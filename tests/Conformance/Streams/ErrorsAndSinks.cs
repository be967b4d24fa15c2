using System.Text;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Conformance.Streams;

public abstract partial class StreamsSuite
{
    [Fact]
    public async Task A_poison_record_is_dead_lettered_and_the_others_go_on()
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        await using var application = await Start(b => b.Stream(input, Text, Text).MapValues(v => v == "13" ? throw new PoisonException("unlucky") : v).To(output, Text, Text));
        await Produce(input, Numbers(100, Keys));
        Assert.Equal(99, (await Until(output, 99, application)).Count);
        var letter = Assert.Single(await Until(StreamPlatform.Streams.Topology.DeadLetterTopicOf(input), 1, application));
        Assert.Equal(("key13", "13"), (letter.Message.Key, letter.Message.Value));
        Assert.Equal("PoisonException: unlucky", Encoding.UTF8.GetString(letter.Message.Headers.GetLastBytes("dlq.cause")));
        Assert.Equal(input, Encoding.UTF8.GetString(letter.Message.Headers.GetLastBytes("dlq.topic")));
    }

    [Fact]
    public async Task A_failing_record_stops_the_instance_and_its_offset_is_never_passed()
    {
        var (input, output) = (await Topic("in", 1), await Topic("out", 1));
        void Build(StreamsBuilder b, bool broken) => b.Stream(input, Text, Text)
            .MapValues(v => broken && v == "50" ? throw new InvalidOperationException("bug") : v).To(output, Text, Text);
        await Produce(input, Numbers(50, Keys));
        var first = await Start(b => Build(b, broken: true));
        await Until(output, 50, first);
        await Produce(input, Numbers(50, Keys, 50));
        await Assert.ThrowsAsync<FatalStepException>(() => first.Completion.WaitAsync(Patience));
        Assert.Equal(StreamsState.Failed, first.Health.State);
        Assert.Contains("offset 50", first.Health.LastError);
        Assert.False(first.Health.Healthy);
        Assert.True(CommittedOffsets(input, 1)[0] <= 50);
        await using var repaired = await Start(b => Build(b, broken: false));
        Assert.Equal(Enumerable.Range(0, 100), (await Until(output, 100, repaired)).Select(r => int.Parse(r.Message.Value)));
    }

    [Theory]
    [InlineData(ProcessingGuarantee.ExactlyOnce)]
    [InlineData(ProcessingGuarantee.AtLeastOnce)]
    public async Task A_sink_sees_every_record_at_least_once_over_crashes_and_errors(ProcessingGuarantee guarantee)
    {
        var input = await Topic("in");
        var written = new Dictionary<string, int>();
        var writes = 0;
        void Build(StreamsBuilder b) => b.Stream(input, Text, Text).ToSink("db", async (batch, cancel) =>
        {
            if (Interlocked.Increment(ref writes) % 5 == 0) throw new TransientException("the store is away");
            await Task.Delay(5, cancel);
            lock (written)
                foreach (var record in batch) written[record.Value] = written.GetValueOrDefault(record.Value) + 1;
        }, new SinkOptions { MaxRecords = 50, LingerMs = 10 });
        await Produce(input, Numbers(1_000, Keys));
        var first = await Start(Build, o => o.Guarantee = guarantee);
        await Eventually(() => { lock (written) return written.Count > 200; }, "200 records written");
        await first.KillAsync();
        await using var second = await Start(Build, o => o.Guarantee = guarantee);
        await Eventually(() => { lock (written) return written.Count == 1_000; }, "every record written");
        await Eventually(() => CommittedOffsets(input).Values.Sum() == 1_000, "every offset committed");
    }

    [Fact]
    public async Task At_least_once_counts_survive_an_orderly_restart()
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        await Produce(input, Numbers(1_000, Keys));
        await using (var first = await Start(b => Count(b, input, output), o => o.Guarantee = ProcessingGuarantee.AtLeastOnce))
        {
            await Until(output, 200, first);
            await first.StopAsync();
        }
        await using var second = await Start(b => Count(b, input, output), o => o.Guarantee = ProcessingGuarantee.AtLeastOnce);
        await AssertCounts(output, 1_000 / Keys, second);
    }

    [Fact]
    public async Task A_table_is_read_to_its_end_before_its_stream_starts()
    {
        var (table, input, output) = (await Topic("table", compacted: true), await Topic("in"), await Topic("out"));
        await Produce(input, Numbers(200, Keys));
        await Produce(table, Enumerable.Range(0, 500).Select(i => ($"key{i % Keys}", $"{i / Keys}")));
        void Build(StreamsBuilder b) => b.Stream(input, Text, Text).LeftJoin(b.Table(table, Text, Text), (v, row) => row ?? "none").To(output, Text, Text);
        await using (var first = await Start(Build))
        {
            Assert.All(await Until(output, 200, first), r => Assert.Equal("24", r.Message.Value));
        }
        await Produce(table, Enumerable.Range(0, Keys).Select(i => ($"key{i}", "new")));
        await using var second = await Start(Build);
        await Produce(input, Numbers(100, Keys));
        Assert.All((await Until(output, 300, second)).GroupBy(r => r.Message.Key), key => Assert.Equal(5, key.Count(r => r.Message.Value == "new")));
    }

    [Fact]
    public async Task The_last_window_of_a_silent_key_closes_by_wall_clock_once()
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        void Build(StreamsBuilder b) => b.Stream(input, Text, Text).GroupByKey()
            .WindowedBy(TimeWindows.Tumbling(TimeSpan.FromSeconds(10)).Grace(TimeSpan.FromSeconds(2)).CloseAfterIdle(TimeSpan.FromSeconds(1)))
            .Aggregate("windows", Serdes.Int64, (_, _) => 0L, (n, _, _) => n + 1, (_, w, n) => $"{w.StartMs}:{n}").To(output, Text, Text);
        var first = await Start(Build);
        await Produce(input, Numbers(100, Keys), 5_000);
        await Produce(input, Numbers(100, Keys), 15_000);
        await Until(output, Keys, first); // the first windows, by event time or silence
        await first.KillAsync();
        await using var second = await Start(Build);
        var read = await Until(output, 2 * Keys, second);
        Assert.Equal(Keys, read.Count(r => r.Message.Value == "0:5"));
        Assert.Equal(Keys, read.Count(r => r.Message.Value == "10000:5"));
        await Eventually(() => second.Health.InFlight == 0, "quiet");
        Assert.Equal(2 * Keys, ReadAll(output).Count);
    }

    [Fact]
    public async Task A_window_that_closes_behind_a_transaction_marker_lets_the_next_start_go_on()
    {
        // The windows' input is written in transactions: at its end the base passes a marker, and only the timer's transaction says so to the group.
        var (input, middle, output) = (await Topic("in"), await Topic("middle"), await Topic("out"));
        void Build(StreamsBuilder b)
        {
            b.Stream(input, Text, Text).To(middle, Text, Text);
            b.Stream(middle, Text, Text).GroupByKey()
                .WindowedBy(TimeWindows.Tumbling(TimeSpan.FromSeconds(10)).CloseAfterIdle(TimeSpan.FromSeconds(1)))
                .Aggregate("windows", Serdes.Int64, (_, _) => 0L, (n, _, _) => n + 1, (_, w, n) => $"{w.StartMs}:{n}").To(output, Text, Text);
        }

        for (var round = 1; round <= 3; round++)
        {
            var application = await Start(Build);
            await Produce(input, Numbers(100, Keys), 100_000L * round);
            await Until(output, round * Keys, application);
            await application.DisposeAsync();
            await application.Completion;
        }

        Assert.Equal(3 * Keys, ReadAll(output).Count);
    }

    [Fact]
    public async Task Inputs_that_do_not_align_are_refused_by_name()
    {
        var (input, table) = (await Topic("in", 4), await Topic("table", 3));
        var error = await Assert.ThrowsAsync<StreamsConfigurationException>(() =>
            Start(b => b.Stream(input, Text, Text).Join(b.Table(table, Text, Text), (v, _) => v).To(input + "x", Text, Text)));
        Assert.Contains("do not exist", error.Message);
        error = await Assert.ThrowsAsync<StreamsConfigurationException>(() =>
            Start(b => b.Stream(input, Text, Text).Join(b.Table(table, Text, Text), (v, _) => v).To(input, Text, Text)));
        Assert.Contains($"{input} 4", error.Message);
        Assert.Contains($"{table} 3", error.Message);
    }

    [Fact]
    public async Task Reading_pauses_at_the_bound_and_everything_arrives()
    {
        var (input, output) = (await Topic("in"), await Topic("out"));
        var now = 0;
        var most = 0;
        await using var application = await Start(b => b.Stream(input, Text, Text).MapAsync("slow", async (_, v, cancel) =>
        {
            var running = Interlocked.Increment(ref now);
            lock (this) most = Math.Max(most, running);
            await Task.Delay(5, cancel);
            Interlocked.Decrement(ref now);
            return v;
        }, new StepOptions { MaxConcurrency = 8 }).To(output, Text, Text), o => o.MaxInFlightRecords = 50);
        await Produce(input, Numbers(1_000, 100));
        Assert.Equal(1_000, (await Until(output, 1_000, application)).Count);
        Assert.InRange(most, 2, 8);
    }
}
