namespace StreamPlatform.Topology.Ladder;

/// <summary>R-09: how much of the interview works. The numbers are SessionState.degradation_level.</summary>
public enum LadderLevel
{
    /// <summary>Everything.</summary>
    FullAi = 0,

    /// <summary>Questions by a model; answers are scored by people.</summary>
    HumanScoring = 1,

    /// <summary>Questions from the bank; answers are scored by people.</summary>
    BankQuestions = 2,

    /// <summary>Questions are read and answers are typed.</summary>
    TextChat = 3,

    /// <summary>The interview is put off.</summary>
    Reschedule = 4,
}

/// <summary>What the client should send.</summary>
public enum MediaLevel
{
    /// <summary>As agreed.</summary>
    Full = 0,

    /// <summary>Fewer frames.</summary>
    Reduced = 1,

    /// <summary>No frames.</summary>
    AudioOnly = 2,
}

/// <summary>What the ladder looks at.</summary>
/// <param name="ScoringModelDown">The model that scores fails or is too slow.</param>
/// <param name="QuestionModelDown">The model that asks fails or takes more than 5 s.</param>
/// <param name="RecogniserDown">No engine turns speech into text: the change to another engine comes before.</param>
/// <param name="SynthesiserDown">No engine reads questions aloud.</param>
/// <param name="StorageDown">What clients send cannot be kept.</param>
/// <param name="LagMs">Age of the newest result when it was made, milliseconds: what overload shows as.</param>
public readonly record struct LadderSignals(
    bool ScoringModelDown, bool QuestionModelDown, bool RecogniserDown, bool SynthesiserDown, bool StorageDown, long LagMs);

/// <summary>A value that moves only after what is wanted of it has lasted.</summary>
/// <param name="Value">In force; 0 is best.</param>
/// <param name="Direction">+1 while worse has been wanted, -1 while better has been, 0 while this is.</param>
/// <param name="SinceMs">Since when, Unix milliseconds.</param>
/// <param name="Reach">How far all that was wanted since agrees to go.</param>
public readonly record struct Steadied(int Value, int Direction, long SinceMs, int Reach);

/// <summary>Where the ladder stands. The beginning is the default: everything works.</summary>
public readonly record struct LadderState(Steadied Level, Steadied Media)
{
    public LadderLevel CurrentLevel => (LadderLevel)Level.Value;

    public MediaLevel CurrentMedia => (MediaLevel)Media.Value;
}

/// <summary>A change to be announced, published and audited.</summary>
/// <param name="Reason">For people: what caused it.</param>
public sealed record LadderTransition(LadderLevel From, LadderLevel To, MediaLevel FromMedia, MediaLevel ToMedia, string Reason, long AtMs);
