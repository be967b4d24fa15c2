namespace StreamPlatform.Topology.Ports;

/// <summary>Says which parts of a signal are speech.</summary>
public interface IVoiceActivityDetector
{
    /// <summary>Mean speech probability 0..1 of one 30 ms frame (480 samples of PCM16 little-endian mono, 16 kHz). Pure: no state between calls.</summary>
    float SpeechProbability(ReadOnlySpan<short> frame);
}
