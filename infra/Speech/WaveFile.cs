using System.Buffers.Binary;

namespace StreamPlatform.Speech;

/// <summary>RIFF/WAVE files of PCM16 mono, 16 kHz: 44 bytes of header, then the samples.</summary>
internal static class WaveFile
{
    private const int HeaderBytes = 44;
    private const int SampleRateHz = 16_000;

    public static byte[] Write(ReadOnlySpan<byte> pcm16)
    {
        byte[] file = new byte[HeaderBytes + pcm16.Length];
        Span<byte> to = file;
        "RIFF"u8.CopyTo(to);
        BinaryPrimitives.WriteInt32LittleEndian(to[4..], HeaderBytes - 8 + pcm16.Length);
        "WAVEfmt "u8.CopyTo(to[8..]);
        BinaryPrimitives.WriteInt32LittleEndian(to[16..], 16); // bytes of the format
        BinaryPrimitives.WriteInt16LittleEndian(to[20..], 1); // PCM
        BinaryPrimitives.WriteInt16LittleEndian(to[22..], 1); // channels
        BinaryPrimitives.WriteInt32LittleEndian(to[24..], SampleRateHz);
        BinaryPrimitives.WriteInt32LittleEndian(to[28..], SampleRateHz * 2); // bytes per second
        BinaryPrimitives.WriteInt16LittleEndian(to[32..], 2); // bytes per frame
        BinaryPrimitives.WriteInt16LittleEndian(to[34..], 16); // bits per sample
        "data"u8.CopyTo(to[36..]);
        BinaryPrimitives.WriteInt32LittleEndian(to[40..], pcm16.Length);
        pcm16.CopyTo(to[HeaderBytes..]);
        return file;
    }
}
