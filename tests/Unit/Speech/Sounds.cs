using System.Runtime.InteropServices;

namespace StreamPlatform.Tests.Unit.Speech;

/// <summary>Sounds that are no speech, as PCM16 of 16 kHz. Seeded: the same samples each time.</summary>
internal static class Sounds
{
    private const int Rate = 16_000;

    /// <summary>Noise whose power falls by 3 dB per octave: P. Kellet's filter of white noise.</summary>
    /// <param name="peak">Greatest amplitude, about.</param>
    public static byte[] PinkNoise(double seconds, int peak, int seed = 1)
    {
        Random random = new(seed);
        double b0 = 0, b1 = 0, b2 = 0;
        return Samples(seconds, _ =>
        {
            double white = (random.NextDouble() * 2) - 1;
            b0 = (0.99765 * b0) + (white * 0.0990460);
            b1 = (0.96300 * b1) + (white * 0.2965164);
            b2 = (0.57000 * b2) + (white * 1.0526913);
            return peak * (b0 + b1 + b2 + (white * 0.1848)) / 4;
        });
    }

    public static byte[] WhiteNoise(double seconds, int peak, int seed = 1)
    {
        Random random = new(seed);
        return Samples(seconds, _ => peak * ((random.NextDouble() * 2) - 1));
    }

    /// <summary>A steady sine.</summary>
    public static byte[] Tone(double seconds, double hz, int peak) => Samples(seconds, i => peak * Math.Sin(2 * Math.PI * hz * i / Rate));

    /// <summary>Chords of four decaying notes with harmonics, two a second: like a piano.</summary>
    public static byte[] Chords(double seconds, int peak)
    {
        double[][] chords = [[261.6, 329.6, 392.0, 523.3], [220.0, 261.6, 329.6, 440.0], [174.6, 220.0, 261.6, 349.2], [196.0, 246.9, 293.7, 392.0]];
        return Samples(seconds, i =>
        {
            double at = i % (Rate / 2) / (double)Rate;
            double sum = chords[i / (Rate / 2) % chords.Length].Sum(hz => Enumerable.Range(1, 4).Sum(h => Math.Sin(2 * Math.PI * hz * h * at) / h));
            return peak * Math.Exp(-3 * at) * sum / 8;
        });
    }

    /// <summary>Nothing.</summary>
    public static byte[] Silence(double seconds) => new byte[(int)(seconds * Rate) * 2];

    private static byte[] Samples(double seconds, Func<int, double> at)
    {
        short[] samples = new short[(int)(seconds * Rate)];
        for (int i = 0; i < samples.Length; i++)
        {
            samples[i] = (short)Math.Clamp(at(i), short.MinValue, short.MaxValue);
        }
        return MemoryMarshal.AsBytes<short>(samples).ToArray();
    }
}
