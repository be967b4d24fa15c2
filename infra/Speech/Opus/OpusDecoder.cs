using System.Runtime.InteropServices;
using StreamPlatform.Topology.Ports;
using StreamPlatform.Topology.Speech;

namespace StreamPlatform.Speech.Opus;

/// <summary>Opus by Debian's libopus0. Every call has a decoder of its own, made in about 20 KB of the call's memory.</summary>
/// <remarks>
/// A decoder's native state belongs to one build of the library and is no state to keep. Instead the last 240 ms of packets are kept and
/// decoded again before the next chunk: after that a fresh decoder agrees with one that heard everything (as RFC 7845, section 4.6, does after a seek).
/// </remarks>
public sealed unsafe class OpusDecoder : IOpusDecoder
{
    private const int SampleRateHz = 16_000;
    private const int MaxPacketSamples = 120 * SampleRateHz / 1_000;

    private readonly int decoderBytes;

    /// <exception cref="SpeechEngineUnavailableException">The library is missing.</exception>
    public OpusDecoder()
    {
        if (FindMissing() is { } missing)
        {
            throw new SpeechEngineUnavailableException(missing);
        }
        decoderBytes = OpusNative.opus_decoder_get_size(1);
    }

    /// <summary>What is missing and how to get it; null when Opus can be decoded.</summary>
    public static string? FindMissing() =>
        NativeLibrary.TryLoad(OpusNative.Library, typeof(OpusNative).Assembly, null, out _) ? null : $"Opus needs {OpusNative.Library}: apt-get install libopus0.";

    public DecodedAudio Decode(ReadOnlySpan<byte> preRoll, ReadOnlySpan<byte> packets)
    {
        IReadOnlyList<OpusPacket> before = OpusPackets.Read(preRoll);
        IReadOnlyList<OpusPacket> fresh = OpusPackets.Read(packets);
        byte[] decoder = new byte[decoderBytes];
        short[] samples = new short[fresh.Sum(packet => packet.Samples) + MaxPacketSamples];
        int written = 0;
        fixed (byte* state = decoder)
        {
            int result = OpusNative.opus_decoder_init(state, SampleRateHz, 1);
            if (result != 0)
            {
                throw new InvalidOperationException($"opus_decoder_init failed with {result}.");
            }
            foreach (OpusPacket packet in before)
            {
                Decode(state, preRoll, packet, samples);
            }
            foreach (OpusPacket packet in fresh)
            {
                written += Decode(state, packets, packet, samples.AsSpan(written));
            }
        }
        byte[] pcm16 = MemoryMarshal.AsBytes(samples.AsSpan(0, written)).ToArray();
        return new(pcm16, packets.IsEmpty ? preRoll.ToArray() : OpusPackets.PreRoll(packets, fresh));
    }

    private static int Decode(byte* decoder, ReadOnlySpan<byte> chunk, OpusPacket packet, Span<short> to)
    {
        fixed (byte* data = chunk.Slice(packet.Offset, packet.Length))
        fixed (short* samples = to)
        {
            int result = OpusNative.opus_decode(decoder, data, packet.Length, samples, to.Length, 0);
            return result >= 0
                ? result
                : throw new UnreadableAudioException($"libopus refuses a packet of {packet.Length} bytes with error {result}");
        }
    }
}
