using StreamPlatform.Topology.State;

namespace StreamPlatform.Topology.Steps;

/// <summary>
/// Whether eyes are shut, from a series of eye aspect ratios. Closed below a part of the person's own open ratio, open again above a larger part, so that
/// noise at the threshold does not count twice. A fixed threshold (0.2 in Soukupova and Cech, CVWW 2016) takes narrow eyes and smiles for blinks:
/// open eyes measure 0.20 to 0.36 on the demo's eight faces.
/// </summary>
public static class BlinkDetector
{
    /// <summary>Part of the open ratio below which eyes are shut. The paper's 0.2 is this part of an open eye of 0.33.</summary>
    public const float ClosedBelow = 0.60f;

    /// <summary>Part of the open ratio above which shut eyes are open again.</summary>
    public const float OpenAbove = 0.72f;

    /// <summary>Open ratio of a person of whom too little has been seen; the mean of the demo's faces.</summary>
    public const float UsualOpenness = 0.30f;

    /// <summary>Ratios kept: at two frames per second the last 12 s, at thirty the last 5 s.</summary>
    private const int Samples = 24;

    /// <summary>Ratios from which a person's own measure is taken.</summary>
    private const int EnoughSamples = 6;

    private const int SampleEveryMs = 200;

    /// <summary>Part of the ratios that lies below a person's open ratio: people have their eyes open most of the time.</summary>
    private const float OpenQuantile = 0.7f;

    /// <summary>After a gap of this length it is unknown whether eyes stayed shut.</summary>
    private const int ForgetAfterMs = 2_000;

    /// <summary>The state after one more frame; frames come in order.</summary>
    /// <param name="openness">Eye aspect ratio, mean of both eyes.</param>
    /// <param name="atMs">Capture time, Unix milliseconds.</param>
    public static EyeState Next(EyeState? state, float openness, long atMs)
    {
        var next = state?.Clone() ?? new EyeState();
        if (next.Openness.Count == 0 || atMs - next.SampledAtMs >= SampleEveryMs)
        {
            Sample(next, openness);
            next.SampledAtMs = atMs;
        }

        var wasClosed = next.Closed && atMs - next.SeenAtMs < ForgetAfterMs;
        next.Closed = openness < OpenRatio(next) * (wasClosed ? OpenAbove : ClosedBelow);
        next.SeenAtMs = atMs;
        return next;
    }

    /// <summary>Eye aspect ratio of this person's open eyes.</summary>
    public static float OpenRatio(EyeState state)
    {
        if (state.Openness.Count < EnoughSamples)
        {
            return UsualOpenness;
        }

        float[] sorted = [.. state.Openness.Order()];
        return sorted[(int)(OpenQuantile * (sorted.Length - 1))];
    }

    private static void Sample(EyeState state, float openness)
    {
        if (state.Openness.Count < Samples)
        {
            state.Openness.Add(openness);
            return;
        }

        state.Openness[state.Next] = openness;
        state.Next = (state.Next + 1) % Samples;
    }
}
