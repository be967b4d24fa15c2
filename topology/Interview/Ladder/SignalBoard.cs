namespace StreamPlatform.Topology.Ladder;

/// <summary>What can fail and be done without.</summary>
public enum LadderComponent
{
    ScoringModel,
    QuestionModel,
    Recogniser,
    Synthesiser,
    Storage,
}

/// <summary>Where those who use a component say how it went; the ladder looks at it. A number per component; safe for concurrent use.</summary>
public sealed class SignalBoard(LadderOptions options, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly (int BadInRow, long AtMs)[] calls = new (int, long)[Enum.GetValues<LadderComponent>().Length];
    private (long LagMs, long AtMs) lag;

    /// <summary>One use of a component.</summary>
    /// <param name="worked">It gave what was asked, in time.</param>
    public void Report(LadderComponent component, bool worked)
    {
        lock (gate)
        {
            var bad = worked ? 0 : Math.Min(calls[(int)component].BadInRow + 1, options.BadCalls);
            calls[(int)component] = (bad, NowMs());
        }
    }

    /// <summary>The same, of a call whose time counts: one that asks must answer within <see cref="LadderOptions.QuestionLimitMs"/>.</summary>
    public void Report(LadderComponent component, bool worked, TimeSpan took) =>
        Report(component, worked && (component != LadderComponent.QuestionModel || took.TotalMilliseconds <= options.QuestionLimitMs));

    /// <summary>A result of something captured at <paramref name="eventMs"/> (Unix milliseconds) has just come.</summary>
    public void ReportResult(long eventMs)
    {
        lock (gate)
        {
            lag = (Math.Max(0, NowMs() - eventMs), NowMs());
        }
    }

    /// <summary>What is known now. What was said too long ago counts as well: the next use will tell.</summary>
    public LadderSignals Read()
    {
        lock (gate)
        {
            return new(
                Down(LadderComponent.ScoringModel), Down(LadderComponent.QuestionModel), Down(LadderComponent.Recogniser), Down(LadderComponent.Synthesiser),
                Down(LadderComponent.Storage), Fresh(lag.AtMs) ? lag.LagMs : 0);
        }
    }

    private bool Down(LadderComponent component) => calls[(int)component] is var (bad, atMs) && bad >= options.BadCalls && Fresh(atMs);

    private bool Fresh(long atMs) => NowMs() - atMs <= options.ForgetAfterMs;

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
