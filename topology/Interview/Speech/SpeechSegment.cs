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
