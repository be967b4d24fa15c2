using System.Buffers.Binary;

namespace StreamPlatform.Topology.Speech;

/// <summary>Header of a RIFF/WAVE file of PCM16 mono, 16 kHz; the samples follow it.</summary>
public static class WaveHeader
{
    /// <summary>Length of the header.</summary>
    public const int Bytes = 44;

    /// <summary>Length of a millisecond of samples.</summary>
    public const int BytesPerMs = 32;

    private const int SampleRateHz = 16_000;

    /// <summary>The header of so many samples.</summary>
    /// <param name="pcmBytes">Length of the samples in bytes, below 2 GiB.</param>
    public static byte[] Of(long pcmBytes)
    {
        var header = new byte[Bytes];
        Span<byte> to = header;
        "RIFF"u8.CopyTo(to);
        BinaryPrimitives.WriteUInt32LittleEndian(to[4..], checked((uint)(Bytes - 8 + pcmBytes)));
        "WAVEfmt "u8.CopyTo(to[8..]);
        BinaryPrimitives.WriteInt32LittleEndian(to[16..], 16); // bytes of the format
        BinaryPrimitives.WriteInt16LittleEndian(to[20..], 1); // PCM
        BinaryPrimitives.WriteInt16LittleEndian(to[22..], 1); // channels
        BinaryPrimitives.WriteInt32LittleEndian(to[24..], SampleRateHz);
        BinaryPrimitives.WriteInt32LittleEndian(to[28..], SampleRateHz * 2); // bytes per second
        BinaryPrimitives.WriteInt16LittleEndian(to[32..], 2); // bytes per frame
        BinaryPrimitives.WriteInt16LittleEndian(to[34..], 16); // bits per sample
        "data"u8.CopyTo(to[36..]);
        BinaryPrimitives.WriteUInt32LittleEndian(to[40..], checked((uint)pcmBytes));
        return header;
    }
}
