using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Simulation;

/// <summary>Silence is not what it seems. The simulation found it.</summary>
public sealed partial class KnownTrapTests
{
    [Fact]
    public void Silence_does_not_close_a_window_whose_records_came_while_the_instance_stood_still() => scheduler.Run(() =>
    {
        var instance = Start(0, b => b.Stream("in", Text, Text).GroupByKey()
            .WindowedBy(TimeWindows.Tumbling(TimeSpan.FromDays(1)).CloseAfterIdle(TimeSpan.FromSeconds(2)))
            .Aggregate("windows", Serdes.Int64, (_, _) => 0L, (n, _, _) => n + 1, (_, _, n) => $"{n}").To("out", Text, Text), _ => { });
        Assert.True(scheduler.WaitUntil(() => instance.Application.Health.State == StreamsState.Running, 10_000));
        Write(1);
        Assert.True(scheduler.WaitUntil(() => broker.Offset(new("in", 0)) == 1, 10_000));
        scheduler.Freeze(instance);
        scheduler.Sleep(1_000);
        Write(1);
        scheduler.Sleep(3_000); // less than the session's length: nobody takes its partition away
        scheduler.Thaw(instance);
        Assert.True(scheduler.WaitUntil(() => Outputs == 1, 10_000));
        Assert.Equal(["2"], Texts("out"));
        End(instance);
    });
}
