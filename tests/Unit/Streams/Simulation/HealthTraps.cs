using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Simulation;

/// <summary>Health turns red where an instance seems to run and does not get on.</summary>
public sealed partial class KnownTrapTests
{
    private const int StallMs = 5_000;

    [Fact]
    public void A_partition_that_does_not_get_on_is_stalled_and_unhealthy_until_it_does() => scheduler.Run(() =>
    {
        var answer = new TaskCompletionSource();
        var instance = Start(0, b => b.Stream("in", Text, Text).MapAsync("call", async (_, v, _) =>
        {
            await answer.Task.ConfigureAwait(false);
            return v;
        }, new StepOptions { TimeoutMs = 700_000 }).To("out", Text, Text), o => o.StallAfterMs = StallMs);
        Assert.True(scheduler.WaitUntil(() => instance.Application.Health.State == StreamsState.Running, 10_000));
        scheduler.Sleep(4 * StallMs); // nothing to do is no stall
        Assert.True(instance.Application.Health.Healthy);
        Write(3);
        scheduler.Sleep(StallMs - 1_000);
        Assert.True(instance.Application.Health.Healthy);
        scheduler.Sleep(4_000);
        var health = instance.Application.Health;
        Assert.True(Assert.Single(health.Partitions) is { Stalled: true, Lag: 3 });
        Assert.False(health.Healthy);
        Assert.False(health.Hung);
        scheduler.Soon(instance, answer.SetResult);
        Assert.True(scheduler.WaitUntil(() => instance.Application.Health.Healthy, 5_000));
        End(instance);
    });

    [Fact]
    public void A_sink_that_is_down_is_tried_without_end_while_health_is_red_and_loses_nothing() => scheduler.Run(() =>
    {
        var (down, attempts, written) = (true, 0, new List<string>());
        var instance = Start(0, b => b.Stream("in", Text, Text).ToSink("db", (batch, _) =>
        {
            attempts++;
            if (down) throw new TransientException("db is down");
            written.AddRange(batch.Select(r => r.Value));
            return Task.CompletedTask;
        }), o => o.StallAfterMs = StallMs);
        Write(20);
        Assert.True(scheduler.WaitUntil(() => attempts > 0, 10_000));
        scheduler.Sleep(600_000);
        Assert.InRange(attempts, 50, 100); // ten minutes of RetryBackoffMaxMs
        Assert.True(Assert.Single(instance.Application.Health.Partitions).Stalled);
        Assert.False(instance.Application.Health.Healthy);
        Assert.Equal(StreamsState.Running, instance.Application.Health.State);
        down = false;
        Assert.True(scheduler.WaitUntil(() => broker.Offset(new("in", 0)) == 20, 20_000));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}"), written);
        Assert.True(scheduler.WaitUntil(() => instance.Application.Health.Healthy, 5_000));
        Assert.Empty(broker.Logs("in.dlq")[0].Committed());
        End(instance);
    });

    [Fact]
    public void An_owner_loop_that_hangs_in_a_synchronous_step_is_unhealthy_though_it_reports_nothing() => scheduler.Run(() =>
    {
        var instance = Start(0, b => b.Stream("in", Text, Text).MapValues(v =>
        {
            if (v == "1") scheduler.Sleep(60_000);
            return v;
        }).To("out", Text, Text), o => (o.StallAfterMs, o.SessionTimeoutMs) = (StallMs, 300_000));
        Assert.True(scheduler.WaitUntil(() => instance.Application.Health.State == StreamsState.Running, 10_000));
        scheduler.Sleep(4 * StallMs);
        Assert.True(instance.Application.Health.Healthy);
        Write(3);
        scheduler.Sleep(StallMs + 1_500);
        var health = instance.Application.Health;
        Assert.Equal((StreamsState.Running, true, false), (health.State, health.Hung, health.Healthy));
        Assert.True(scheduler.WaitUntil(() => Outputs == 3, 70_000));
        Assert.True(scheduler.WaitUntil(() => instance.Application.Health is { Healthy: true, Hung: false }, 5_000));
        End(instance);
    });
}
