using System.Buffers.Binary;

namespace StreamPlatform.Providers;

/// <summary>Length of a RIFF/WAVE file (http://soundfile.sapp.org/doc/WaveFormat).</summary>
internal static class WavHeader
{
    /// <summary>Seconds of audio; null when it is no such file. A data size beyond the file's end (files that were streamed) means: until its end.</summary>
    public static double? Seconds(ReadOnlySpan<byte> file)
    {
        if (file.Length < 12 || !file[..4].SequenceEqual("RIFF"u8) || !file.Slice(8, 4).SequenceEqual("WAVE"u8))
        {
            return null;
        }

        uint bytesPerSecond = 0;
        for (var at = 12L; at + 8 <= file.Length;)
        {
            var name = file.Slice((int)at, 4);
            var size = BinaryPrimitives.ReadUInt32LittleEndian(file[((int)at + 4)..]);
            if (name.SequenceEqual("fmt "u8) && at + 20 <= file.Length)
            {
                bytesPerSecond = BinaryPrimitives.ReadUInt32LittleEndian(file[((int)at + 16)..]);
            }
            else if (name.SequenceEqual("data"u8))
            {
                return bytesPerSecond == 0 ? null : (double)Math.Min(size, file.Length - at - 8) / bytesPerSecond;
            }

            at += 8 + size + (size & 1);
        }

        return null;
    }
}
