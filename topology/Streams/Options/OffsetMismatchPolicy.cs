namespace StreamPlatform.Streams;

/// <summary>What to do when the group's offset and the recorded progress disagree (reset, expiry, topic recreated).</summary>
public enum OffsetMismatchPolicy
{
    /// <summary>Do not start; the error names both offsets.</summary>
    Fail,
    /// <summary>Go on from the recorded progress.</summary>
    UseProgress,
    /// <summary>Go on from the group's offset (a deliberate reset); finished offsets beyond it are forgotten, state is kept.</summary>
    UseGroup,
}
