namespace StreamPlatform.Topology.Ladder;

/// <summary>
/// The degradation ladder R-09 as one pure state machine: state and signals in, state and at most one transition out. It goes straight to the
/// level that the signals ask for, down after <see cref="LadderOptions.DownAfterMs"/> and up after <see cref="LadderOptions.UpAfterMs"/> of
/// agreement, so two rises are never closer than that and nothing flaps. Every transition has its reverse.
/// </summary>
public static class DegradationLadder
{
    /// <summary>One look at the signals.</summary>
    /// <param name="state">As returned by the look before; the default at first.</param>
    /// <param name="nowMs">Unix milliseconds, never earlier than at the look before.</param>
    public static (LadderState State, LadderTransition? Transition) Step(LadderState state, LadderSignals signals, long nowMs, LadderOptions options)
    {
        var level = Steady(state.Level, (int)WantedLevel(signals, options), nowMs, options);
        var media = Steady(state.Media, (int)WantedMedia(signals, options), nowMs, options);
        var next = new LadderState(level, media);
        return next.CurrentLevel == state.CurrentLevel && next.CurrentMedia == state.CurrentMedia
            ? (next, null)
            : (next, new(state.CurrentLevel, next.CurrentLevel, state.CurrentMedia, next.CurrentMedia, Reason(state, next, signals), nowMs));
    }

    /// <summary>The best level that the signals allow.</summary>
    public static LadderLevel WantedLevel(LadderSignals signals, LadderOptions options) => signals switch
    {
        { StorageDown: true } => LadderLevel.Reschedule,
        _ when signals.LagMs > options.RescheduleLagMs => LadderLevel.Reschedule,
        { RecogniserDown: true } or { SynthesiserDown: true } => LadderLevel.TextChat,
        { QuestionModelDown: true } => LadderLevel.BankQuestions,
        { ScoringModelDown: true } => LadderLevel.HumanScoring,
        _ => LadderLevel.FullAi,
    };

    /// <summary>The most media that the lag allows.</summary>
    public static MediaLevel WantedMedia(LadderSignals signals, LadderOptions options) =>
        signals.LagMs > options.AudioOnlyLagMs ? MediaLevel.AudioOnly : signals.LagMs > options.ReducedLagMs ? MediaLevel.Reduced : MediaLevel.Full;

    private static Steadied Steady(Steadied now, int wanted, long nowMs, LadderOptions options)
    {
        var direction = Math.Sign(wanted - now.Value);
        if (direction == 0)
        {
            return new(now.Value, 0, nowMs, now.Value);
        }

        // going down, as little as all agreed on; going up, no further than the worst of them
        var next = direction == now.Direction
            ? now with { Reach = direction > 0 ? Math.Min(now.Reach, wanted) : Math.Max(now.Reach, wanted) }
            : new(now.Value, direction, nowMs, wanted);
        var waitMs = direction > 0 ? options.DownAfterMs : options.UpAfterMs;
        return nowMs - next.SinceMs >= waitMs ? new(next.Reach, 0, nowMs, next.Reach) : next;
    }

    private static string Reason(LadderState from, LadderState to, LadderSignals signals)
    {
        if (to.Level.Value <= from.Level.Value && to.Media.Value <= from.Media.Value)
        {
            return "it works again";
        }

        return to.CurrentLevel == from.CurrentLevel ? $"results are {signals.LagMs / 1000} s late" : signals switch
        {
            { StorageDown: true } => "what is sent cannot be stored",
            { RecogniserDown: true } => "speech is not recognised",
            { SynthesiserDown: true } => "questions cannot be read aloud",
            { QuestionModelDown: true } => "the model that asks questions does not answer in time",
            { ScoringModelDown: true } => "the model that scores does not answer",
            _ => $"results are {signals.LagMs / 1000} s late",
        };
    }
}
