namespace StreamPlatform.Topology.Ports;

/// <summary>Says which parts of a signal are speech. Safe for concurrent use.</summary>
public interface IVoiceActivityDetector
{
    /// <summary>As logs and metrics name it, e.g. "silero-v6".</summary>
    string Name { get; }

    /// <summary>Samples of one frame at 16 kHz. 160..1,600.</summary>
    int FrameSamples { get; }

    /// <summary>Floats of memory that a stream carries from frame to frame; 0 = none. At most 1,024. A new stream's memory is all zeros.</summary>
    int MemoryFloats { get; }

    /// <summary>Speech probability 0..1 of the next frame of a stream. Pure: depends on its arguments alone.</summary>
    /// <param name="frame"><see cref="FrameSamples"/> samples of PCM16 mono, 16 kHz.</param>
    /// <param name="memory">The stream's memory, <see cref="MemoryFloats"/> long: read, then overwritten for the next frame.</param>
    float SpeechProbability(ReadOnlySpan<short> frame, Span<float> memory);
}
