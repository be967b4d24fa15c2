namespace StreamPlatform.Topology.Ports;

/// <summary>Decodes Opus to PCM16 little-endian mono, 16 kHz. Pure: depends on its arguments alone. Safe for concurrent use.</summary>
public interface IOpusDecoder
{
    /// <summary>Decodes the next packets of a stream.</summary>
    /// <param name="preRoll">What the call before returned as such; empty at the start of a stream.</param>
    /// <param name="packets">Packets in the framing of <see cref="Speech.OpusPackets"/>.</param>
    /// <exception cref="UnreadableAudioException">No attempt will ever decode them.</exception>
    DecodedAudio Decode(ReadOnlySpan<byte> preRoll, ReadOnlySpan<byte> packets);
}

/// <param name="Pcm16">Samples of the packets, at most 2.048 s.</param>
/// <param name="PreRoll">For the next call: the last packets, at most 8 KiB.</param>
public sealed record DecodedAudio(byte[] Pcm16, byte[] PreRoll);

/// <summary>Audio that no attempt will ever decode.</summary>
public sealed class UnreadableAudioException(string message) : Exception(message);
