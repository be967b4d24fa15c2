using StreamPlatform.Topology.Ladder;

namespace StreamPlatform.Tests.Unit.Topology;

public sealed class DegradationLadderTests
{
    private static readonly LadderOptions Options = new();
    private static readonly LadderSignals Fine = default;

    public static TheoryData<LadderSignals, LadderLevel, MediaLevel> Triggers => new()
    {
        { Fine with { ScoringModelDown = true }, LadderLevel.HumanScoring, MediaLevel.Full },
        { Fine with { QuestionModelDown = true }, LadderLevel.BankQuestions, MediaLevel.Full },
        { Fine with { RecogniserDown = true }, LadderLevel.TextChat, MediaLevel.Full },
        { Fine with { SynthesiserDown = true }, LadderLevel.TextChat, MediaLevel.Full },
        { Fine with { StorageDown = true }, LadderLevel.Reschedule, MediaLevel.Full },
        { Fine with { LagMs = 15_000 }, LadderLevel.FullAi, MediaLevel.Reduced },
        { Fine with { LagMs = 60_000 }, LadderLevel.FullAi, MediaLevel.AudioOnly },
        { Fine with { LagMs = 400_000 }, LadderLevel.Reschedule, MediaLevel.AudioOnly },
        { Fine with { ScoringModelDown = true, QuestionModelDown = true }, LadderLevel.BankQuestions, MediaLevel.Full },
    };

    [Theory]
    [MemberData(nameof(Triggers))]
    public void Each_trigger_leads_down_after_two_seconds_and_back_up_after_thirty(LadderSignals signals, LadderLevel level, MediaLevel media)
    {
        Walk walk = new();
        walk.Hold(signals, 1_900);
        Assert.Empty(walk.Transitions);
        walk.Hold(signals, 200);
        LadderTransition down = Assert.Single(walk.Transitions);
        Assert.Equal((LadderLevel.FullAi, level, MediaLevel.Full, media), (down.From, down.To, down.FromMedia, down.ToMedia));
        Assert.NotEqual("", down.Reason);
        walk.Hold(Fine, 29_900);
        Assert.Single(walk.Transitions);
        walk.Hold(Fine, 200);
        LadderTransition up = walk.Transitions[1];
        Assert.Equal((down.To, down.From, down.ToMedia, down.FromMedia), (up.From, up.To, up.FromMedia, up.ToMedia));
        Assert.Equal(2, walk.Transitions.Count);
    }

    [Fact]
    public void A_moment_of_failure_moves_nothing()
    {
        Walk walk = new();
        for (int i = 0; i < 50; i++)
        {
            walk.Hold(Fine with { QuestionModelDown = true }, 1_500);
            walk.Hold(Fine, 300);
        }
        Assert.Empty(walk.Transitions);
    }

    [Fact]
    public void What_fails_again_and_again_stays_down()
    {
        Walk walk = new();
        for (int i = 0; i < 100; i++)
        {
            walk.Hold(Fine with { QuestionModelDown = true }, 3_000);
            walk.Hold(Fine, 20_000);
        }
        Assert.Equal(LadderLevel.BankQuestions, Assert.Single(walk.Transitions).To);
    }

    [Fact]
    public void It_rises_no_further_than_the_worst_of_the_time_before()
    {
        Walk walk = new();
        walk.Hold(Fine with { RecogniserDown = true }, 5_000);
        walk.Hold(Fine, 10_000);
        walk.Hold(Fine with { ScoringModelDown = true }, 1_000);
        walk.Hold(Fine, 25_000);
        Assert.Equal([LadderLevel.TextChat, LadderLevel.HumanScoring], walk.Transitions.Select(t => t.To));
        walk.Hold(Fine, 31_000);
        Assert.Equal(LadderLevel.FullAi, walk.Transitions[^1].To);
    }

    [Fact]
    public void Whatever_the_signals_every_change_is_told_nothing_flaps_and_every_step_has_its_reverse()
    {
        HashSet<(LadderLevel From, LadderLevel To)> seen = [];
        for (int seed = 0; seed < 500; seed++)
        {
            Random random = new(seed);
            Walk walk = new();
            while (walk.NowMs < 30 * 60_000)
            {
                LadderSignals signals = new(
                    random.Next(3) == 0, random.Next(4) == 0, random.Next(6) == 0, random.Next(6) == 0, random.Next(9) == 0, random.Next(3) == 0 ? random.Next(500_000) : 0);
                walk.Hold(random.Next(3) == 0 ? Fine : signals, random.Next(100, random.Next(4) == 0 ? 90_000 : 4_000));
            }
            AssertSound(walk);
            seen.UnionWith(walk.Transitions.Where(t => t.From != t.To).Select(t => (t.From, t.To)));
        }
        Assert.All(seen, step => Assert.Contains((step.To, step.From), seen));
        Assert.Equal(20, seen.Count); // every level from every other
    }

    [Fact]
    public void The_board_says_down_after_bad_calls_in_a_row_and_forgets()
    {
        Gateway.ManualTime time = new();
        SignalBoard board = new(Options, time);
        board.Report(LadderComponent.QuestionModel, true, TimeSpan.FromSeconds(6)); // answered, but too late
        Assert.False(board.Read().QuestionModelDown);
        board.Report(LadderComponent.QuestionModel, false, TimeSpan.FromSeconds(1));
        Assert.True(board.Read().QuestionModelDown);
        time.Advance(TimeSpan.FromSeconds(61));
        Assert.False(board.Read().QuestionModelDown);
        board.Report(LadderComponent.QuestionModel, false, TimeSpan.FromSeconds(1));
        Assert.True(board.Read().QuestionModelDown);
        board.Report(LadderComponent.QuestionModel, true, TimeSpan.FromSeconds(1));
        Assert.Equal(default, board.Read());
        board.ReportResult(time.GetUtcNow().ToUnixTimeMilliseconds() - 12_000);
        Assert.Equal(12_000, board.Read().LagMs);
    }

    private static void AssertSound(Walk walk)
    {
        (LadderLevel level, MediaLevel media) = (LadderLevel.FullAi, MediaLevel.Full);
        long levelRose = long.MinValue / 2, mediaRose = long.MinValue / 2;
        foreach (LadderTransition step in walk.Transitions)
        {
            Assert.Equal((level, media), (step.From, step.FromMedia)); // nothing was skipped
            Assert.NotEqual((step.From, step.FromMedia), (step.To, step.ToMedia));
            Assert.NotEqual("", step.Reason);
            if (step.To < step.From)
            {
                Assert.InRange(step.AtMs - levelRose, Options.UpAfterMs, long.MaxValue);
                levelRose = step.AtMs;
            }
            if (step.ToMedia < step.FromMedia)
            {
                Assert.InRange(step.AtMs - mediaRose, Options.UpAfterMs, long.MaxValue);
                mediaRose = step.AtMs;
            }
            (level, media) = (step.To, step.ToMedia);
        }
        Assert.Equal((level, media), (walk.State.CurrentLevel, walk.State.CurrentMedia));
    }

    /// <summary>Looks every 100 ms.</summary>
    private sealed class Walk
    {
        public long NowMs { get; private set; }

        public LadderState State { get; private set; }

        public List<LadderTransition> Transitions { get; } = [];

        public void Hold(LadderSignals signals, long forMs)
        {
            for (long end = NowMs + forMs; NowMs < end; NowMs += 100)
            {
                (State, LadderTransition? transition) = DegradationLadder.Step(State, signals, NowMs, Options);
                if (transition is not null)
                {
                    Transitions.Add(transition);
                }
            }
        }
    }
}
