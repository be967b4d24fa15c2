using StreamPlatform.Topology.Speech;

namespace StreamPlatform.Speech;

/// <summary>RIFF/WAVE files of PCM16 mono, 16 kHz: a header, then the samples.</summary>
internal static class WaveFile
{
    public static byte[] Write(ReadOnlySpan<byte> pcm16) => [.. WaveHeader.Of(pcm16.Length), .. pcm16];
}
