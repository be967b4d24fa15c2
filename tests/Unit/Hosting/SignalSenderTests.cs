using StreamPlatform.Hosting;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Ladder;

namespace StreamPlatform.Tests.Unit.Hosting;

/// <summary>From the board of one process to those of others.</summary>
public sealed class SignalSenderTests
{
    private readonly VirtualTime time = new();
    private readonly MemoryOutlet outlet = new();

    [Fact]
    public async Task A_change_is_told_at_once_again_while_it_lasts_and_once_when_it_is_over()
    {
        var board = new SignalBoard(new LadderOptions { ForgetAfterMs = 3_600_000 }, time); // the clock may run ahead of the sender
        await using var sender = new SignalSender(board, outlet, 500, time);
        await TickAsync(3);
        Assert.Empty(outlet.Sent); // all is well and nobody asked
        board.Report(LadderComponent.Recogniser, false);
        board.Report(LadderComponent.Recogniser, false);
        await UntilAsync(1);
        board.Report(LadderComponent.Recogniser, false);
        await UntilAsync(2);
        board.Report(LadderComponent.Recogniser, true);
        await UntilAsync(3);
        await TickAsync(50);

        var told = outlet.Sent.Select(s => (EngineSignal)s.Value).ToList();
        Assert.Equal([("recogniser", true), ("recogniser", true), ("recogniser", false)], told.Select(t => (t.Component, t.Down)));
        Assert.Equal(told[0].SinceMs, told[1].SinceMs);
        Assert.True(told[1].AtMs - told[0].AtMs >= 10_000);
        Assert.All(outlet.Sent, s => Assert.Equal(board.Instance, s.Key));
    }

    private async Task UntilAsync(int sent)
    {
        for (var i = 0; outlet.Sent.Count < sent; i++)
        {
            Assert.True(i < 1_000, "nothing is told");
            await TickAsync(1);
        }
    }

    // Gives the sender a moment after each tick: a timer that nobody waits for keeps no more than one.
    private async Task TickAsync(int count)
    {
        for (var i = 0; i < count; i++)
        {
            time.Advance(TimeSpan.FromMilliseconds(500));
            await Task.Delay(1);
        }
    }
}
