using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.State;

namespace StreamPlatform.Topology.Steps;

/// <summary>Which frames of a session are analysed at a level of load: one in so many, and always the first of each window, so that no window is without one.</summary>
public static class Sampling
{
    /// <summary>Size of the windows that must not stay empty; those of the windows processor.</summary>
    public const long WindowMs = 10_000;

    /// <summary>At each level one frame in so many is analysed. At 2 frames per second the last level leaves one per window.</summary>
    public static readonly IReadOnlyList<int> OneIn = [1, 2, 3, 5, 10, 20];

    /// <summary>The highest level.</summary>
    public static int MaxLevel => OneIn.Count - 1;

    /// <summary>Decides on one frame and writes the decision's state into <paramref name="next"/>. A pure function of both and of the level.</summary>
    /// <returns>True when it is analysed, false when it is skipped.</returns>
    public static bool Take(FrameProgress next, FrameCaptured frame, int level)
    {
        var window = frame.CapturedAtMs - (frame.CapturedAtMs % WindowMs);
        var take = window != next.SampledWindowMs || next.SkippedInARow + 1 >= OneIn[Math.Clamp(level, 0, MaxLevel)];
        next.SamplingLevel = level;
        next.SkippedInARow = take ? 0 : next.SkippedInARow + 1;
        next.SampledWindowMs = window;
        return take;
    }
}
