using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Simulation;

/// <summary>Traps around rebalances and replaced clients.</summary>
public sealed partial class KnownTrapTests
{
    private int Outputs => broker.Logs("out").Sum(l => l.Committed().Count());

    [Theory]
    [InlineData(RebalanceMode.Auto)]
    [InlineData(RebalanceMode.Eager)]
    public void No_partition_goes_silent_after_rebalances(RebalanceMode mode) => scheduler.Run(() =>
    {
        broker.Create("four", 4);
        void Build(StreamsBuilder b) => b.Stream("four", Text, Text).GroupByKey().Count("counts").To("out", Text, Serdes.Int64);
        var written = 0;
        var first = Start(0, Build, o => o.Rebalance = mode);
        EveryPartitionIsRead("at the start");
        for (var round = 0; round < 5; round++)
        {
            var second = Start(1, Build, o => o.Rebalance = mode);
            Assert.True(scheduler.WaitUntil(() => second.Application.Health.Partitions.Count == 2, 30_000));
            EveryPartitionIsRead($"when the second joined, round {round}");
            End(second);
            Assert.True(scheduler.WaitUntil(() => first.Application.Health.Partitions.Count == 4, 30_000));
            EveryPartitionIsRead($"when the second had left, round {round}");
        }
        End(first);

        void EveryPartitionIsRead(string when)
        {
            for (var p = 0; p < 4; p++) Write(3, "four", p);
            written += 12;
            Assert.True(scheduler.WaitUntil(() => Outputs == written, 10_000), $"{Outputs} of {written} {when}");
        }
    });

    [Theory]
    [InlineData(RebalanceMode.Auto, 1_000)]
    [InlineData(RebalanceMode.Auto, 20_000)]
    [InlineData(RebalanceMode.Eager, 1_000)]
    [InlineData(RebalanceMode.Eager, 20_000)]
    public void A_commit_under_way_when_its_partition_is_revoked_counts_once_or_not_at_all(RebalanceMode mode, int hangMs) => scheduler.Run(() =>
    {
        broker.Create("two", 2);
        void Build(StreamsBuilder b) => b.Stream("two", Text, Text).GroupByKey().Count("counts").To("out", Text, Serdes.Int64);
        var first = Start(0, Build, o => o.Rebalance = mode);
        Assert.True(scheduler.WaitUntil(() => first.Application.Health.Partitions.Count == 2, 10_000));
        broker.Faults.HangNextSendOffsetsMs = hangMs; // shorter and longer than the drain's deadline
        for (var p = 0; p < 2; p++) Write(10, "two", p);
        Assert.True(scheduler.WaitUntil(() => broker.Faults.HangNextSendOffsetsMs == 0, 10_000), "no commit");
        var second = Start(1, Build, o => o.Rebalance = mode);
        Assert.True(scheduler.WaitUntil(() => second.Application.Health.Partitions.Count == 1, 60_000), "the second got nothing");
        for (var p = 0; p < 2; p++) Write(10, "two", p);
        Assert.True(scheduler.WaitUntil(() => Outputs >= 40, 60_000), $"{Outputs} of 40");
        scheduler.Sleep(60_000); // what hung has ended
        Assert.Equal(Enumerable.Range(1, 20).SelectMany(n => new long[] { n, n }), // one key in either partition
            broker.Logs("out")[0].Committed().Select(r => Serdes.Int64.Deserialize("out", r.Value!)).Order());
        End(first, second);
    });

    [Fact]
    public void A_replaced_producer_is_disposed() => scheduler.Run(() =>
    {
        var instance = Start(0, b => b.Stream("in", Text, Text).To("out", Text, Text), _ => { });
        for (var round = 1; round <= 5; round++)
        {
            Write(10);
            Assert.True(scheduler.WaitUntil(() => Outputs == 20 * round - 10, 30_000));
            broker.Faults.Fatal = 1;
            Write(10);
            Assert.True(scheduler.WaitUntil(() => instance.Application.Health.State == StreamsState.Rebuilding, 30_000), "the producer was not lost");
            broker.Faults.Heal();
            Assert.True(scheduler.WaitUntil(() => Outputs == 20 * round, 30_000), "not rebuilt");
            Assert.True(scheduler.WaitUntil(() => instance.OpenClients == 2, 10_000), $"{instance.OpenClients} clients are open, not a consumer and a producer");
        }
        End(instance);
        Assert.True(scheduler.WaitUntil(() => instance.OpenClients == 0, 10_000));
    });

    [Fact]
    public void A_hung_SendOffsetsToTransaction_is_left_to_itself_and_its_producer_replaced() => scheduler.Run(() =>
    {
        Write(20);
        var instance = Start(0, b => b.Stream("in", Text, Text).To("out", Text, Text), _ => { });
        Assert.True(scheduler.WaitUntil(() => Outputs == 20, 10_000));
        broker.Faults.HangNextSendOffsetsMs = 600_000;
        Write(20);
        Assert.True(scheduler.WaitUntil(() => Outputs == 40, 120_000), "the producer was not rebuilt");
        Assert.Equal(0, broker.Faults.HangNextSendOffsetsMs);
        Assert.InRange(instance.OpenClients, 3, 4); // the one that hangs must not be destroyed
        Assert.True(scheduler.WaitUntil(() => instance.OpenClients == 2, 700_000), "the one that hung was not disposed after its return");
        Write(20);
        Assert.True(scheduler.WaitUntil(() => Outputs == 60, 10_000));
        Assert.Equal(60, broker.Offset(new("in", 0)));
        End(instance);
    });

    [Fact]
    public void An_instance_frozen_in_its_restore_while_another_takes_over_goes_on_when_it_wakes() => scheduler.Run(() =>
    {
        static void Build(StreamsBuilder b) => b.Stream("in", Text, Text).GroupByKey().Count("counts").To("out", Text, Serdes.Int64);
        Write(5);
        var first = Start(0, Build, _ => { });
        Assert.True(scheduler.WaitUntil(() => broker.Offset(new("in", 0)) == 5, 10_000));
        End(first);
        var progress = broker.Log(new("test-progress", 0));
        var dying = broker.Begin("dying", broker.Init("dying"), 600_000); // holds the restore after it has asked for the group's offset
        progress.Append(new OutputRecord(progress.Id.Topic, 0, 0, "0/in/0/base"u8.ToArray(), new byte[16], null), dying, 0);
        var second = Start(0, Build, _ => { });
        Assert.True(scheduler.WaitUntil(() => second.Application.Health.State == StreamsState.Restoring, 20_000));
        scheduler.Sleep(2_000);
        scheduler.Freeze(second);
        scheduler.After(broker, 10_000, () => broker.Group.Expire(second.Consumer!));
        broker.End(dying, commit: false);
        var third = Start(1, Build, _ => { });
        Write(5);
        Assert.True(scheduler.WaitUntil(() => broker.Offset(new("in", 0)) == 10, 60_000), "the third did not take over");
        scheduler.Thaw(second); // reads a progress that is ahead of the offset it knows
        scheduler.Sleep(20_000);
        Assert.False(second.Application.Completion.IsCompleted, $"{second.Application.Completion.Exception?.InnerException?.Message}");
        End(third);
        Write(5);
        Assert.True(scheduler.WaitUntil(() => Outputs == 15, 30_000), $"{Outputs} of 15");
        Assert.Equal(Enumerable.Range(1, 15).Select(n => (long)n), broker.Logs("out")[0].Committed().Select(r => Serdes.Int64.Deserialize("out", r.Value!)));
        End(second);
    });
}
