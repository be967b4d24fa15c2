using System.Text;
using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Simulation;

/// <summary>Traps other stream libraries fell into, one by one, on the simulated broker without injected faults.</summary>
public sealed partial class KnownTrapTests
{
    private static readonly ISerde<string> Text = Serdes.Utf8;
    private readonly Scheduler scheduler = new(1);
    private readonly SimBroker broker;

    public KnownTrapTests()
    {
        broker = new SimBroker(scheduler, new Faults(scheduler));
        broker.Create("in", 1);
        broker.Create("out", 1);
    }

    [Fact]
    public void Progress_is_committed_on_revoke() => scheduler.Run(() =>
    {
        Write(20);
        var first = Start(0, b => b.Stream("in", Text, Text).To("out", Text, Text), o => (o.CommitIntervalMs, o.TransactionTimeoutMs, o.Rebalance) = (60_000, 70_000, RebalanceMode.Eager));
        scheduler.WaitUntil(() => first.Application.Health.State == StreamsState.Running, 10_000);
        scheduler.Sleep(1_000);
        Assert.NotEqual(20, broker.Offset(new("in", 0)));
        var second = Start(1, b => b.Stream("in", Text, Text).To("out", Text, Text), o => o.Rebalance = RebalanceMode.Eager);
        scheduler.WaitUntil(() => second.Application.Health.State == StreamsState.Running, 20_000);
        Assert.Equal(20, broker.Offset(new("in", 0)));
        End(first, second);
    });

    [Fact]
    public void A_pause_neither_stops_polling_nor_causes_a_rebalance_and_a_blocked_key_keeps_memory_bounded() => scheduler.Run(() =>
    {
        var entered = 0;
        Write(500);
        var instance = Start(0, b => b.Stream("in", Text, Text).MapAsync("blocked", async (_, v, _) =>
        {
            entered++;
            var slept = new TaskCompletionSource();
            scheduler.After(broker, entered == 1 ? 600_000 : 0, slept.SetResult);
            await slept.Task.ConfigureAwait(false);
            return v;
        }, new StepOptions { TimeoutMs = 700_000 }).To("out", Text, Text), o => o.MaxInFlightRecords = 10);
        scheduler.WaitUntil(() => entered == 1, 10_000);
        long longestMs = 0;
        while (scheduler.NowMs < 590_000)
        {
            scheduler.Sleep(1_000);
            longestMs = Math.Max(longestMs, scheduler.NowMs - instance.Consumer!.PolledAtMs);
            Assert.InRange(instance.Application.Health.InFlight, 0, 10);
        }
        Assert.InRange(longestMs, 0, 1_500);
        Assert.Equal(1, broker.Group.Generation);
        Assert.True(scheduler.WaitUntil(() => broker.Offset(new("in", 0)) == 500, 60_000));
        End(instance);
    });

    [Theory]
    [InlineData(RebalanceMode.Auto)]
    [InlineData(RebalanceMode.Eager)]
    public void A_users_pause_of_ten_minutes_causes_no_rebalance_survives_those_of_others_and_is_no_stall(RebalanceMode mode) => scheduler.Run(() =>
    {
        broker.Create("two", 2);
        void Build(StreamsBuilder b) => b.Stream("two", Text, Text).To("out", Text, Text);
        var first = Start(0, Build, o => o.Rebalance = mode);
        Assert.True(scheduler.WaitUntil(() => first.Application.Health.Partitions.Count == 2, 10_000));
        first.Application.Pause();
        scheduler.Sleep(1_000);
        for (var p = 0; p < 2; p++) broker.Log(new("two", p)).Append(new OutputRecord("two", p, -1, "k"u8.ToArray(), "v"u8.ToArray(), null), null, scheduler.NowMs);
        long longestMs = 0;
        for (var until = scheduler.NowMs + 600_000; scheduler.NowMs < until; scheduler.Sleep(1_000)) longestMs = Math.Max(longestMs, scheduler.NowMs - first.Consumer!.PolledAtMs);
        Assert.InRange(longestMs, 0, 1_500);
        Assert.Equal(1, broker.Group.Generation);
        Assert.All(first.Application.Health.Partitions, p => Assert.True(p is { Paused: true, Stalled: false, Lag: 1 }));
        var second = Start(1, Build, o => o.Rebalance = mode);
        Assert.True(scheduler.WaitUntil(() => second.Application.Health.Partitions.Count == 1 && broker.Logs("out")[0].Committed().Count() == 1, 20_000), "the second reads what moved");
        scheduler.Sleep(10_000);
        Assert.Single(broker.Logs("out")[0].Committed());
        Assert.True(Assert.Single(first.Application.Health.Partitions).Paused);
        first.Application.Resume();
        Assert.True(scheduler.WaitUntil(() => broker.Logs("out")[0].Committed().Count() == 2, 5_000));
        End(first, second);
    });

    [Fact]
    public void An_instance_that_joins_does_not_stop_the_records_of_partitions_that_stay() => scheduler.Run(() =>
    {
        const int partitions = 6;
        broker.Create("six", partitions);
        void Build(StreamsBuilder b) => b.Stream("six", Text, Text).GroupByKey().Count("counts").To("out", Text, Serdes.Int64);
        static HashSet<int> Read(Instance instance) => [.. instance.Application.Health.Partitions.Select(p => p.Partition)];
        Instance[] old = [Start(0, Build, _ => { }), Start(1, Build, _ => { })];
        Assert.True(scheduler.WaitUntil(() => old.All(i => Read(i).Count == 3), 20_000));
        var before = old.Select(Read).ToList();
        Instance? joining = null;
        var (committed, at, longestMs) = (new long[partitions], new long[partitions], new long[partitions]);
        for (var until = scheduler.NowMs + 15_000; scheduler.NowMs < until; scheduler.Sleep(20))
        {
            if (joining is null && scheduler.NowMs > until - 12_000) joining = Start(2, Build, _ => { });
            for (var p = 0; p < partitions; p++)
            {
                broker.Log(new("six", p)).Append(new OutputRecord("six", p, -1, Encoding.UTF8.GetBytes($"k{p}"), "v"u8.ToArray(), null), null, scheduler.NowMs);
                if (broker.Offset(new("six", p)) is not { } now || now == committed[p]) continue;
                if (at[p] > 0) longestMs[p] = Math.Max(longestMs[p], scheduler.NowMs - at[p]);
                (committed[p], at[p]) = (now, scheduler.NowMs);
            }
        }
        Assert.Equal(2, Read(joining!).Count);
        for (var i = 0; i < old.Length; i++)
        {
            var stayed = Read(old[i]);
            Assert.Equal(2, stayed.Count);
            Assert.Subset(before[i], stayed);
            foreach (var p in stayed) Assert.InRange(longestMs[p], 0, 300); // commits are 100 ms apart, one is refused for its generation
        }
        End([.. old, joining!]);
    });

    [Theory]
    [InlineData(RebalanceMode.Auto)]
    [InlineData(RebalanceMode.Eager)]
    public void Partitions_that_were_lost_are_dropped_without_a_commit(RebalanceMode mode) => scheduler.Run(() =>
    {
        Write(20);
        void Build(StreamsBuilder b) => b.Stream("in", Text, Text).GroupByKey().Count("counts").To("out", Text, Serdes.Int64);
        var first = Start(0, Build, o => (o.Rebalance, o.CommitIntervalMs, o.TransactionTimeoutMs) = (mode, 60_000, 70_000));
        Assert.True(scheduler.WaitUntil(() => first.Application.Health.InFlight == 0 && first.Consumer?.HighWatermark(new("in", 0)) == 20 && first.Application.Health.State == StreamsState.Running, 10_000));
        scheduler.Sleep(1_000); // all is counted, nothing committed
        Assert.Null(broker.Offset(new("in", 0)));
        scheduler.Freeze(first);
        scheduler.After(broker, 10_000, () => broker.Group.Expire(first.Consumer!));
        var second = Start(1, Build, o => o.Rebalance = mode);
        Assert.True(scheduler.WaitUntil(() => broker.Offset(new("in", 0)) == 20, 30_000), "the second did not take over");
        scheduler.Thaw(first);
        Assert.True(scheduler.WaitUntil(() => scheduler.Trace.Any(t => t.Contains("lost in[0]")), 10_000), "the first did not learn that it lost the partition");
        scheduler.Sleep(100_000); // longer than its commit interval
        Assert.Equal(20, broker.Logs("out")[0].Committed().Count());
        End(first, second);
    });

    [Fact]
    public void A_partition_that_is_nobodys_after_a_static_members_return_gets_an_owner() => scheduler.Run(() =>
    {
        broker.Create("two", 2);
        void Build(StreamsBuilder b) => b.Stream("two", Text, Text).To("out", Text, Text);
        var first = Start(0, Build, _ => { });
        Assert.True(scheduler.WaitUntil(() => first.Application.Health.Partitions.Count == 2, 10_000));
        var second = Start(1, Build, _ => { });
        // told to give one up, and gone before it does
        Assert.True(scheduler.WaitUntil(() => broker.Group.Generation == 2 && first.Consumer!.Settling, 10_000));
        first.Dead = true;
        _ = first.Application.KillAsync();
        var again = Start(0, Build, _ => { });
        Assert.True(scheduler.WaitUntil(() => again.Application.Health.Partitions.Count == 1 && second.Application.Health.Partitions.Count == 1, 20_000), "nobody reads the partition");
        End(again, second);
    });

    [Fact]
    public void A_hung_commit_is_survived() => scheduler.Run(() =>
    {
        Write(20);
        var instance = Start(0, b => b.Stream("in", Text, Text).To("out", Text, Text), _ => { });
        Assert.True(scheduler.WaitUntil(() => broker.Offset(new("in", 0)) == 20, 10_000));
        broker.Faults.HangNextMs = 10_000_000;
        Write(20);
        Assert.True(scheduler.WaitUntil(() => broker.Offset(new("in", 0)) == 40, 200_000), "the producer was not rebuilt");
        Assert.Equal(40, broker.Logs("out")[0].Committed().Count());
        End(instance);
    });

    [Fact]
    public void Restore_waits_for_an_open_transaction_and_not_for_records_behind_an_aborted_tail() => scheduler.Run(() =>
    {
        static void Build(StreamsBuilder b) => b.Stream("in", Text, Text).GroupByKey().Count("counts").To("out", Text, Serdes.Int64);
        Write(10);
        var first = Start(0, Build, _ => { });
        Assert.True(scheduler.WaitUntil(() => broker.Offset(new("in", 0)) == 10, 10_000));
        End(first);
        // a dying owner's last transaction: open, then aborted, its record and marker the last things in the changelog
        var id = new TopicPartitionId("test-counts-changelog", 0);
        var epoch = broker.Init("dying");
        var dying = broker.Begin("dying", epoch, 60_000);
        broker.Log(id).Append(new OutputRecord(id.Topic, 0, 0, ChangelogKey.Write("k", ""), Serdes.Int64.Serialize(id.Topic, 99), null), dying, 0);
        var second = Start(0, Build, _ => { });
        scheduler.WaitUntil(() => second.Application.Health.State == StreamsState.Restoring, 20_000);
        scheduler.Sleep(5_000);
        Assert.Equal(StreamsState.Restoring, second.Application.Health.State);
        broker.End(dying, commit: false);
        Assert.True(scheduler.WaitUntil(() => second.Application.Health.State == StreamsState.Running, 2_000));
        Write(1);
        Assert.True(scheduler.WaitUntil(() => broker.Logs("out")[0].Committed().Count() == 11, 5_000));
        Assert.Equal(11, Serdes.Int64.Deserialize("out", broker.Logs("out")[0].Committed().Last().Value!));
        End(second);
    });

    [Fact]
    public void The_end_of_a_burst_is_committed_before_the_interval_is_over() => scheduler.Run(() =>
    {
        var instance = Start(0, b => b.Stream("in", Text, Text).To("out", Text, Text), o => (o.CommitIntervalMs, o.TransactionTimeoutMs) = (20_000, 70_000));
        Assert.True(scheduler.WaitUntil(() => instance.Application.Health.State == StreamsState.Running, 10_000));
        scheduler.Sleep(20_000);
        Write(1);
        Assert.True(scheduler.WaitUntil(() => broker.Offset(new("in", 0)) == 1, 1_000)); // the interval was over
        Write(5);
        Assert.False(scheduler.WaitUntil(() => broker.Offset(new("in", 0)) == 6, 4_000)); // at most four times in an interval
        Assert.True(scheduler.WaitUntil(() => broker.Offset(new("in", 0)) == 6, 2_000));
        End(instance);
    });

    private void Write(int count, string topic = "in", int partition = 0)
    {
        for (var i = 0; i < count; i++)
            broker.Log(new(topic, partition)).Append(new OutputRecord(topic, partition, -1, "k"u8.ToArray(), Encoding.UTF8.GetBytes($"{i}"), null), null, scheduler.NowMs);
    }

    private Instance Start(int slot, Action<StreamsBuilder> build, Action<StreamsOptions> change)
    {
        var builder = new StreamsBuilder("test");
        build(builder);
        var options = new StreamsOptions { InstanceSlot = slot };
        change(options);
        var instance = new Instance(scheduler, slot, 0);
        instance.Application = new StreamsApplication(builder.Build(), options, new SimTransport(broker, instance), instance, new SimLogging(instance), instance);
        _ = instance.Application.StartAsync();
        return instance;
    }

    private void End(params Instance[] instances)
    {
        foreach (var instance in instances)
        {
            _ = instance.Application.StopAsync();
            Assert.True(scheduler.WaitUntil(() => instance.Application.Completion.IsCompletedSuccessfully, 60_000));
        }
    }
}
