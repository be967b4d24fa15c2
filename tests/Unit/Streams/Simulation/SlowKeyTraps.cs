using StreamPlatform.Streams;

namespace StreamPlatform.Tests.Unit.Streams.Simulation;

/// <summary>A key that was given up must get on when its turn comes. The simulation found it.</summary>
public sealed partial class KnownTrapTests
{
    [Fact]
    public void Parked_records_that_come_due_together_do_not_give_up_the_first_of_them() => scheduler.Run(() =>
    {
        var calls = 0;
        var instance = Start(0, b => b.Stream("in", Text, Text, RetryTopics.After(TimeSpan.FromSeconds(1)).AtMost(2)).MapAsync("slow", async (_, v, _) =>
        {
            var slept = new TaskCompletionSource();
            scheduler.After(broker, calls++ == 0 ? 10_000 : 100, slept.SetResult);
            await slept.Task.ConfigureAwait(false);
            return v;
        }).To("out", Text, Text), o => o.MaxQueuedPerKey = 3);
        Write(8);
        Assert.True(scheduler.WaitUntil(() => Outputs == 8, 60_000), $"{Outputs} of 8");
        Assert.Equal(Enumerable.Range(0, 8).Select(i => $"{i}"), Texts("out"));
        Assert.Empty(Texts("in.dlq"));
        End(instance);
    });
}
