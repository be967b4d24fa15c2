namespace StreamPlatform.Topology.Speech;

/// <summary>A piece of one answer. Pieces follow each other without gap or overlap and together hold every sample.</summary>
/// <param name="Index">Within the answer, from 0.</param>
/// <param name="StartSample">First sample, from the answer's first one.</param>
/// <param name="EndSample">Past the last sample.</param>
/// <param name="SpeechSamples">How much of it is speech; 0 = nothing to recognise.</param>
public sealed record SpeechSegment(int Index, long StartSample, long EndSample, int SpeechSamples)
{
    public long StartMs => StartSample / SpeechSegmenter.SamplesPerMs;

    public long EndMs => EndSample / SpeechSegmenter.SamplesPerMs;

    public long SpeechMs => SpeechSamples / SpeechSegmenter.SamplesPerMs;
}

/// <summary>What a step of the segmenter gives: the state to keep and the segments that closed.</summary>
public sealed record SegmenterResult(SegmenterState State, IReadOnlyList<SpeechSegment> Closed);

/// <summary>Where speech begins, ends and pauses in an answer so far. Milliseconds from its first sample.</summary>
/// <param name="FirstMs">Start of the first speech; 0 when there is none.</param>
/// <param name="LastMs">End of the last speech; 0 when there is none.</param>
/// <param name="Pauses">Silences of at least <see cref="SpeechSegmenter.CountedPauseMs"/> between speech.</param>
/// <param name="LongestPauseMs">Longest of them; 0 = none.</param>
public sealed record SpeechShape(long FirstMs, long LastMs, int Pauses, long LongestPauseMs)
{
    /// <summary>No speech.</summary>
    public static SpeechShape Silent { get; } = new(0, 0, 0, 0);
}
