using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Simulation;

/// <summary>What fails while a revocation is drained must neither throw out of the handler (the simulated client tells) nor leave a silent partition.</summary>
public sealed partial class KnownTrapTests
{
    [Theory]
    [InlineData(RebalanceMode.Auto, false)]
    [InlineData(RebalanceMode.Eager, false)]
    [InlineData(RebalanceMode.Auto, true)]
    [InlineData(RebalanceMode.Eager, true)]
    public void A_step_that_fails_during_the_drain_leaves_no_silent_partition(RebalanceMode mode, bool passes) => scheduler.Run(() =>
    {
        broker.Create("two", 2);
        // one answer per call: of two that await the same task .NET runs one on the thread pool, outside the simulated clock
        var (answers, started) = (new Queue<TaskCompletionSource>([new(), new()]), 0);
        var waiting = answers.ToList();
        var first = Start(0, b => b.Stream("two", Text, Text).MapAsync("call", async (_, v, _) =>
        {
            started++;
            if (answers.TryDequeue(out var answer)) await answer.Task.ConfigureAwait(false);
            return started <= 2 + (passes ? 2 : 0) ? throw (passes ? new TransientException("broken for a moment") : new InvalidOperationException("broken")) : v;
        }).To("out", Text, Text), o => o.Rebalance = mode);
        Assert.True(scheduler.WaitUntil(() => first.Application.Health.Partitions.Count == 2, 10_000));
        for (var p = 0; p < 2; p++) Write(1, "two", p);
        Assert.True(scheduler.WaitUntil(() => started == 2, 10_000));
        var second = Start(1, b => b.Stream("two", Text, Text).MapAsync("call", (_, v, _) => Task.FromResult(v)).To("out", Text, Text), o => o.Rebalance = mode);
        Assert.True(scheduler.WaitUntil(() => scheduler.Trace.Any(t => t.Contains("revoked two")), 20_000), "nothing was revoked");
        Assert.Equal(0, Outputs);
        scheduler.Soon(first, () => waiting.ForEach(a => a.SetResult())); // the drain meets the failures
        if (!passes) Assert.True(scheduler.WaitUntil(() => first.Application.Completion.IsFaulted, 20_000), "the first went on");
        Assert.True(scheduler.WaitUntil(() => Outputs == 2, 60_000), $"{Outputs} of 2 after the drain");
        for (var p = 0; p < 2; p++) Write(2, "two", p);
        Assert.True(scheduler.WaitUntil(() => Outputs == 6, 30_000), $"{Outputs} of 6: a partition is silent");
        scheduler.Sleep(30_000);
        Assert.Equal(6, Outputs);
        if (passes) End(first, second);
        else
        {
            Assert.IsType<FatalStepException>(first.Application.Completion.Exception!.InnerException);
            Assert.Equal(StreamsState.Failed, first.Application.Health.State);
            End(second);
        }
    });

    [Fact]
    public void A_step_that_fails_for_good_while_the_instance_stops_is_told_by_its_completion() => scheduler.Run(() =>
    {
        var (answer, started) = (new TaskCompletionSource(), 0);
        var instance = Start(0, b => b.Stream("in", Text, Text).MapAsync<string>("call", async (_, _, _) =>
        {
            started++;
            await answer.Task.ConfigureAwait(false);
            throw new InvalidOperationException("broken");
        }).To("out", Text, Text), _ => { });
        Assert.True(scheduler.WaitUntil(() => instance.Application.Health.State == StreamsState.Running, 10_000));
        Write(1);
        Assert.True(scheduler.WaitUntil(() => started == 1, 10_000));
        _ = instance.Application.StopAsync();
        scheduler.Soon(instance, answer.SetResult);
        Assert.True(scheduler.WaitUntil(() => instance.Application.Completion.IsCompleted, 20_000));
        Assert.IsType<FatalStepException>(instance.Application.Completion.Exception?.InnerException);
        Assert.NotEqual(1, broker.Offset(new("in", 0)));
    });

    [Theory]
    [InlineData(RebalanceMode.Auto)]
    [InlineData(RebalanceMode.Eager)]
    public void A_producer_lost_during_the_drain_is_rebuilt_and_no_partition_goes_silent(RebalanceMode mode) => scheduler.Run(() =>
    {
        broker.Create("two", 2);
        void Build(StreamsBuilder b) => b.Stream("two", Text, Text).GroupByKey().Count("counts").To("out", Text, Serdes.Int64);
        var first = Start(0, Build, o => (o.Rebalance, o.CommitIntervalMs, o.TransactionTimeoutMs) = (mode, 60_000, 70_000));
        Assert.True(scheduler.WaitUntil(() => first.Application.Health.Partitions.Count == 2, 10_000));
        for (var p = 0; p < 2; p++) Write(5, "two", p);
        scheduler.Sleep(2_000); // counted, not committed: the drain's commit is the first
        Assert.Equal(0, Outputs);
        broker.Faults.Fatal = 1;
        var second = Start(1, Build, o => o.Rebalance = mode);
        Assert.True(scheduler.WaitUntil(() => first.Application.Health.State == StreamsState.Rebuilding, 60_000), "the producer was not lost");
        broker.Faults.Heal();
        for (var p = 0; p < 2; p++) Write(5, "two", p);
        Assert.True(scheduler.WaitUntil(() => Outputs == 20, 200_000), $"{Outputs} of 20");
        Assert.Equal(Enumerable.Range(1, 10).SelectMany(n => new long[] { n, n }), broker.Logs("out")[0].Committed().Select(r => Serdes.Int64.Deserialize("out", r.Value!)).Order());
        End(first, second);
    });
}
