using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Speech;

/// <summary>
/// Speech probability of a 30 ms frame from its loudness and zero crossings: a logistic curve over the level in dBFS, lowered for
/// frames that cross zero as often as hiss does, unless they are loud. Pure and cheap; a learnt detector can take its place.
/// </summary>
public sealed class EnergyVoiceActivityDetector : IVoiceActivityDetector
{
    /// <summary>Level, in dB below full scale, at which speech is as likely as not. Read speech lies at about -35..-15, a quiet room below -50.</summary>
    private const double MidLevelDb = -45;

    /// <summary>Decibels per unit of the logistic curve.</summary>
    private const double SlopeDb = 3;

    /// <summary>Zero crossings per sample above which a frame sounds like hiss; voiced speech lies below 0.15, fricatives up to 0.45.</summary>
    private const double HissRate = 0.35;

    /// <summary>How much louder, in dB, a hissing frame must be to count as speech.</summary>
    private const double HissPenaltyDb = 8;

    public string Name => "energy";

    /// <summary>30 ms.</summary>
    public int FrameSamples => 480;

    public int MemoryFloats => 0;

    public float SpeechProbability(ReadOnlySpan<short> frame, Span<float> memory) => SpeechProbability(frame);

    /// <summary>Speech probability 0..1 of one frame; 0 for an empty one.</summary>
    public float SpeechProbability(ReadOnlySpan<short> frame)
    {
        if (frame.IsEmpty)
        {
            return 0f;
        }
        double mean = 0;
        foreach (short sample in frame)
        {
            mean += sample;
        }
        mean /= frame.Length; // a microphone's constant offset is not loudness
        double energy = 0;
        int crossings = 0;
        bool above = frame[0] > mean;
        foreach (short sample in frame)
        {
            double value = sample - mean;
            energy += value * value;
            bool nowAbove = value > 0;
            crossings += nowAbove == above ? 0 : 1;
            above = nowAbove;
        }
        double rms = Math.Sqrt(energy / frame.Length) / 32768.0;
        double levelDb = 20 * Math.Log10(Math.Max(rms, 1e-6));
        double hiss = (double)crossings / frame.Length > HissRate ? HissPenaltyDb : 0;
        return (float)(1 / (1 + Math.Exp(-(levelDb - hiss - MidLevelDb) / SlopeDb)));
    }
}
