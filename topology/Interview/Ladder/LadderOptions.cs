namespace StreamPlatform.Topology.Ladder;

/// <summary>How fast the ladder moves. Down soon, up late: that is what keeps it from flapping.</summary>
public sealed class LadderOptions
{
    /// <summary>How long something must be wrong before the ladder goes down, milliseconds. Default 2,000, 0..60,000.</summary>
    public int DownAfterMs { get; set; } = 2_000;

    /// <summary>How long all must be better before it goes up, milliseconds. Default 30,000, 1,000..3,600,000, more than <see cref="DownAfterMs"/>.</summary>
    public int UpAfterMs { get; set; } = 30_000;

    /// <summary>Lag from which fewer frames are asked for, milliseconds. Default 10,000, 1,000..600,000.</summary>
    public long ReducedLagMs { get; set; } = 10_000;

    /// <summary>Lag from which no frames are, milliseconds. Default 30,000, above <see cref="ReducedLagMs"/>.</summary>
    public long AudioOnlyLagMs { get; set; } = 30_000;

    /// <summary>Lag from which interviews are put off, milliseconds. Default 300,000, above <see cref="AudioOnlyLagMs"/>.</summary>
    public long RescheduleLagMs { get; set; } = 300_000;

    /// <summary>Longest call of a model that asks, milliseconds. Default 5,000, 100..60,000.</summary>
    public int QuestionLimitMs { get; set; } = 5_000;

    /// <summary>Bad calls in a row from which a component is down. Default 2, 1..100.</summary>
    public int BadCalls { get; set; } = 2;

    /// <summary>Age from which a component's last call says nothing any more, milliseconds. Default 60,000, 1,000..3,600,000.</summary>
    public int ForgetAfterMs { get; set; } = 60_000;

    /// <summary>How often the signals are looked at, milliseconds. Default 500, 50..10,000.</summary>
    public int TickMs { get; set; } = 500;

    /// <exception cref="ArgumentException">Names the option and its range.</exception>
    public void Validate()
    {
        Require(DownAfterMs is >= 0 and <= 60_000, nameof(DownAfterMs), DownAfterMs, "0 to 60,000");
        Require(UpAfterMs is >= 1_000 and <= 3_600_000 && UpAfterMs > DownAfterMs, nameof(UpAfterMs), UpAfterMs, $"1,000 to 3,600,000, more than {nameof(DownAfterMs)}");
        Require(ReducedLagMs is >= 1_000 and <= 600_000, nameof(ReducedLagMs), ReducedLagMs, "1,000 to 600,000");
        Require(AudioOnlyLagMs > ReducedLagMs, nameof(AudioOnlyLagMs), AudioOnlyLagMs, $"more than {nameof(ReducedLagMs)}");
        Require(RescheduleLagMs > AudioOnlyLagMs, nameof(RescheduleLagMs), RescheduleLagMs, $"more than {nameof(AudioOnlyLagMs)}");
        Require(QuestionLimitMs is >= 100 and <= 60_000, nameof(QuestionLimitMs), QuestionLimitMs, "100 to 60,000");
        Require(BadCalls is >= 1 and <= 100, nameof(BadCalls), BadCalls, "1 to 100");
        Require(ForgetAfterMs is >= 1_000 and <= 3_600_000, nameof(ForgetAfterMs), ForgetAfterMs, "1,000 to 3,600,000");
        Require(TickMs is >= 50 and <= 10_000, nameof(TickMs), TickMs, "50 to 10,000");
    }

    private static void Require(bool condition, string name, object value, string range)
    {
        if (!condition)
        {
            throw new ArgumentException($"ladder: {name} is {value}; it takes {range}");
        }
    }
}
