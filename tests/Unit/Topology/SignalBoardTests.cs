using StreamPlatform.Streams;
using StreamPlatform.Topology.Ladder;
using Xunit;

namespace StreamPlatform.Tests.Unit.Topology;

/// <summary>Who says what of a component, and what the ladder makes of it.</summary>
public sealed class SignalBoardTests
{
    private readonly VirtualTime time = new();
    private readonly SignalBoard board;

    public SignalBoardTests() => board = new(new LadderOptions(), time);

    [Fact]
    public void What_works_for_one_user_of_a_component_does_not_hide_that_it_fails_for_another()
    {
        Fail("sink of emotions");
        board.Report(LadderComponent.Storage, true, "sink of interviews");
        Assert.True(board.Read().StorageDown);
        board.Report(LadderComponent.Storage, true, "sink of emotions");
        Assert.False(board.Read().StorageDown);
    }

    [Fact]
    public void What_another_process_says_moves_the_ladder_and_is_not_told_on()
    {
        board.ReportState(LadderComponent.Recogniser, true, "other");
        Assert.True(board.Read().RecogniserDown);
        Assert.Equal(new ComponentState(LadderComponent.Recogniser, false, 0), board.ReadLocal(LadderComponent.Recogniser));
        board.ReportState(LadderComponent.Recogniser, false, "other");
        Assert.False(board.Read().RecogniserDown);
    }

    [Fact]
    public void A_process_that_is_silent_for_a_minute_counts_no_more()
    {
        board.ReportState(LadderComponent.Recogniser, true, "crashed");
        time.Advance(TimeSpan.FromSeconds(61));
        Assert.False(board.Read().RecogniserDown);
    }

    [Fact]
    public void Its_own_view_has_the_time_of_the_change()
    {
        Fail("probe");
        var since = time.GetUtcNow().ToUnixTimeMilliseconds();
        Assert.Equal(new ComponentState(LadderComponent.Storage, true, since), board.ReadLocal(LadderComponent.Storage));
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(since, board.ReadLocal(LadderComponent.Storage).SinceMs);
        board.Report(LadderComponent.Storage, true, "probe");
        Assert.Equal(new ComponentState(LadderComponent.Storage, false, since + 10_000), board.ReadLocal(LadderComponent.Storage));
    }

    [Fact]
    public void Voices_are_bounded_and_the_latest_are_kept()
    {
        for (var i = 0; i < 1_000; i++)
        {
            board.ReportState(LadderComponent.Storage, true, $"gone-{i}");
            time.Advance(TimeSpan.FromMilliseconds(1));
        }

        for (var i = 0; i < 300; i++)
        {
            board.ReportState(LadderComponent.Storage, false, $"here-{i}");
            time.Advance(TimeSpan.FromMilliseconds(1));
        }

        Assert.False(board.Read().StorageDown);
    }

    [Fact]
    public void Every_component_has_a_name_of_its_own_and_an_unknown_name_is_none()
    {
        Assert.All(Enum.GetValues<LadderComponent>(), c => Assert.Equal(c, ComponentNames.Parse(ComponentNames.Of(c))));
        Assert.Null(ComponentNames.Parse("teleporter"));
    }

    private void Fail(string source)
    {
        board.Report(LadderComponent.Storage, false, source);
        board.Report(LadderComponent.Storage, false, source);
    }
}
