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

/// <summary>How a component does, as one process sees it.</summary>
/// <param name="Down">It does not do its work.</param>
/// <param name="SinceMs">Since when it does so, Unix milliseconds; 0 = nothing has been said of it.</param>
public readonly record struct ComponentState(LadderComponent Component, bool Down, long SinceMs);

/// <summary>
/// Where those who use a component say how it went; the ladder looks at it. A component is down when any of those who use it says so: one that works for
/// one of them (the sink of scores) may not for another (the sink of emotions), and one process does not see what another does. Safe for concurrent use.
/// </summary>
public sealed class SignalBoard(LadderOptions options, TimeProvider time)
{
    /// <summary>Voices that are remembered; beyond, the one heard longest ago is forgotten.</summary>
    private const int MaxVoices = 256;

    private readonly Lock gate = new();
    private readonly Dictionary<(LadderComponent Component, string Source, bool Remote), Voice> voices = [];
    private readonly Dictionary<LadderComponent, ComponentState> local = [];
    private (long LagMs, long AtMs) lag;

    /// <summary>Name of this process among those that tell each other how their components do; new after each start.</summary>
    public string Instance { get; } = Guid.NewGuid().ToString("N");

    /// <summary>One use of a component.</summary>
    /// <param name="worked">It gave what was asked, in time.</param>
    /// <param name="source">Which of its users says so: those are counted apart.</param>
    public void Report(LadderComponent component, bool worked, string source = "")
    {
        lock (gate)
        {
            var known = voices.GetValueOrDefault((component, source, false));
            Hear((component, source, false), worked ? 0 : Math.Min(known.BadInRow + 1, options.BadCalls));
        }
    }

    /// <summary>The same, of a call whose time counts: one that asks must answer within <see cref="LadderOptions.QuestionLimitMs"/>.</summary>
    public void Report(LadderComponent component, bool worked, TimeSpan took) =>
        Report(component, worked && (component != LadderComponent.QuestionModel || took.TotalMilliseconds <= options.QuestionLimitMs));

    /// <summary>What another process says of a component; it has counted already.</summary>
    /// <param name="instance">That process.</param>
    public void ReportState(LadderComponent component, bool down, string instance)
    {
        lock (gate)
        {
            Hear((component, instance, true), down ? options.BadCalls : 0);
        }
    }

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

    /// <summary>What this process itself has seen of a component.</summary>
    public ComponentState ReadLocal(LadderComponent component)
    {
        lock (gate)
        {
            var down = voices.Any(v => v.Key.Component == component && !v.Key.Remote && IsDown(v.Value));
            var known = local.GetValueOrDefault(component, new(component, false, 0));
            return known.Down == down ? known : local[component] = new(component, down, NowMs());
        }
    }

    private void Hear((LadderComponent, string, bool) key, int badInRow)
    {
        if (voices.Count >= MaxVoices && !voices.ContainsKey(key))
        {
            voices.Remove(voices.MinBy(v => v.Value.AtMs).Key);
        }

        voices[key] = new(badInRow, NowMs());
    }

    private bool Down(LadderComponent component) => voices.Any(v => v.Key.Component == component && IsDown(v.Value));

    private bool IsDown(Voice voice) => voice.BadInRow >= options.BadCalls && Fresh(voice.AtMs);

    private bool Fresh(long atMs) => NowMs() - atMs <= options.ForgetAfterMs;

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private readonly record struct Voice(int BadInRow, long AtMs);
}
