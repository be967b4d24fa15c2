using System.Buffers.Binary;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Topology.Speech;

/// <summary>
/// Opus packets as audio chunks hold them: each preceded by its length in bytes as a 16-bit big-endian number. Reads only the packets'
/// first bytes, which say how long they last. Source: RFC 6716, section 3.
/// </summary>
public static class OpusPackets
{
    /// <summary>Longest packet in bytes: RFC 6716, section 3.4, limit R2.</summary>
    public const int MaxPacketBytes = 1_275;

    /// <summary>Longest audio of one chunk, samples at 16 kHz: what 64 KiB of PCM16 hold (2.048 s).</summary>
    public const int MaxSamples = 32_768;

    /// <summary>Audio before a chunk that is decoded again for a decoder to regain its state, samples at 16 kHz: 240 ms.</summary>
    /// <remarks>RFC 7845, section 4.6, asks for at least 80 ms. Measured on speech of 24 kbit/s: the difference to an uninterrupted decoder is 24 dB below the signal after 80 ms, 50 dB after 240 ms.</remarks>
    public const int PreRollSamples = 240 * SpeechSegmenter.SamplesPerMs;

    /// <summary>Greatest pre-roll in bytes: longer packets make it shorter.</summary>
    public const int MaxPreRollBytes = 8_192;

    private const int MaxPacketSamples = 120 * SpeechSegmenter.SamplesPerMs;
    private const int LengthBytes = 2;

    /// <summary>Where each packet lies in <paramref name="chunk"/>, with its length in samples at 16 kHz.</summary>
    /// <exception cref="UnreadableAudioException">The framing is broken, a packet's header is not valid, or the chunk lasts too long.</exception>
    public static IReadOnlyList<OpusPacket> Read(ReadOnlySpan<byte> chunk)
    {
        var packets = new List<OpusPacket>();
        var samples = 0;
        for (var at = 0; at < chunk.Length;)
        {
            var length = chunk.Length - at < LengthBytes ? 0 : BinaryPrimitives.ReadUInt16BigEndian(chunk[at..]);
            at += LengthBytes;
            if (length is < 1 or > MaxPacketBytes || length > chunk.Length - at)
            {
                throw new UnreadableAudioException($"Opus packet {packets.Count} has the length {length}; 1 to {MaxPacketBytes} bytes that lie in the chunk are taken.");
            }

            var packet = new OpusPacket(at, length, Samples(chunk.Slice(at, length)));
            samples += packet.Samples;
            if (packet.Samples is 0 or > MaxPacketSamples || samples > MaxSamples)
            {
                throw new UnreadableAudioException($"Opus packet {packets.Count} lasts {packet.Samples} samples; packets of at most 120 ms, chunks of at most {MaxSamples} samples are taken.");
            }

            packets.Add(packet);
            at += length;
        }

        return packets;
    }

    /// <summary>The end of a chunk that the next one's decoder needs.</summary>
    public static byte[] PreRoll(ReadOnlySpan<byte> chunk, IReadOnlyList<OpusPacket> packets)
    {
        var from = chunk.Length;
        var samples = 0;
        for (var i = packets.Count - 1; i >= 0 && samples < PreRollSamples; i--)
        {
            var start = packets[i].Offset - LengthBytes;
            if (chunk.Length - start > MaxPreRollBytes)
            {
                break;
            }

            (from, samples) = (start, samples + packets[i].Samples);
        }

        return chunk[from..].ToArray();
    }

    /// <summary>Puts packets into the framing, for clients and tests.</summary>
    public static byte[] Write(IEnumerable<ReadOnlyMemory<byte>> packets)
    {
        var chunk = new List<byte>();
        foreach (var packet in packets)
        {
            chunk.Add((byte)(packet.Length >> 8));
            chunk.Add((byte)packet.Length);
            chunk.AddRange(packet.Span);
        }

        return [.. chunk];
    }

    // Table 2 of RFC 6716: the configuration's frame length; the count code says how many frames follow.
    private static int Samples(ReadOnlySpan<byte> packet)
    {
        var configuration = packet[0] >> 3;
        var frame = configuration switch
        {
            < 12 => new[] { 160, 320, 640, 960 }[configuration & 3],
            < 16 => new[] { 160, 320 }[configuration & 1],
            _ => new[] { 40, 80, 160, 320 }[configuration & 3],
        };
        var frames = (packet[0] & 3) switch
        {
            0 => 1,
            1 or 2 => 2,
            _ => packet.Length < 2 ? 0 : packet[1] & 63,
        };
        return frame * frames;
    }
}

/// <param name="Offset">Of the packet's first byte in its chunk.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Samples">Duration, samples at 16 kHz.</param>
public readonly record struct OpusPacket(int Offset, int Length, int Samples);
