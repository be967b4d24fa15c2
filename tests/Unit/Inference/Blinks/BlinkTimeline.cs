namespace StreamPlatform.Tests.Unit.Inference.Blinks;

/// <summary>A movement of the lids.</summary>
/// <param name="StartMs">From the sequence's start.</param>
/// <param name="Closure">At its height: 0 open to 1 shut.</param>
/// <param name="IsBlink">Must be counted; else a squint, which must not.</param>
internal sealed record LidMovement(int StartMs, int DurationMs, double Closure, bool IsBlink)
{
    public int EndMs => StartMs + DurationMs;

    /// <summary>Closure at a time: down in a third of the duration, shut for a fifth, up in the rest (lids fall faster than they rise).</summary>
    public double At(int ms)
    {
        var part = (ms - StartMs) / (double)DurationMs;
        return part is <= 0 or >= 1 ? 0
            : part < 0.33 ? Closure * Smooth(part / 0.33)
            : part < 0.53 ? Closure
            : Closure * Smooth((1 - part) / 0.47);
    }

    private static double Smooth(double part) => part * part * (3 - (2 * part));
}

/// <summary>Blinks of several depths and lengths with squints among them; the same for the same seed.</summary>
internal static class BlinkTimeline
{
    /// <summary>Lengths of spontaneous blinks, milliseconds (100 to 400 ms: Schiffman, "Sensation and Perception", 2001).</summary>
    private static readonly int[] BlinkMs = [130, 170, 200, 250, 300, 400];

    private static readonly double[] BlinkClosures = [0.9, 0.95, 1];
    private static readonly double[] SquintClosures = [0.2, 0.3, 0.4];

    public static List<LidMovement> Make(int seed, int blinks, int squints)
    {
        var random = new Random(seed);
        var kinds = Enumerable.Repeat(true, blinks).Concat(Enumerable.Repeat(false, squints)).ToArray();
        random.Shuffle(kinds);
        var movements = new List<LidMovement>();
        var at = 1500; // time enough to learn how open these eyes are
        foreach (var isBlink in kinds)
        {
            movements.Add(isBlink
                ? new LidMovement(at, Pick(random, BlinkMs), Pick(random, BlinkClosures), true)
                : new LidMovement(at, random.Next(400, 800), Pick(random, SquintClosures), false));
            at = movements[^1].EndMs + random.Next(350, 800);
        }

        return movements;
    }

    private static T Pick<T>(Random random, T[] values) => values[random.Next(values.Length)];
}
