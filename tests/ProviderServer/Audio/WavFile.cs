using System.Buffers.Binary;

namespace StreamPlatform.TestProvider;

/// <summary>RIFF/WAVE files of PCM16 mono (http://soundfile.sapp.org/doc/WaveFormat).</summary>
internal static class WavFile
{
    /// <summary>Samples per second and samples; null when it is no such file. A data size beyond the file's end means: until its end.</summary>
    public static (int Rate, short[] Samples)? Read(ReadOnlySpan<byte> file)
    {
        if (file.Length < 12 || !file[..4].SequenceEqual("RIFF"u8) || !file.Slice(8, 4).SequenceEqual("WAVE"u8))
        {
            return null;
        }

        var rate = 0;
        for (var at = 12L; at + 8 <= file.Length;)
        {
            var size = BinaryPrimitives.ReadUInt32LittleEndian(file[((int)at + 4)..]);
            var name = file.Slice((int)at, 4);
            if (name.SequenceEqual("fmt "u8) && at + 24 <= file.Length)
            {
                rate = BinaryPrimitives.ReadInt32LittleEndian(file[((int)at + 12)..]);
            }
            else if (name.SequenceEqual("data"u8))
            {
                var data = file[((int)at + 8)..(int)Math.Min(file.Length, at + 8 + size)];
                var samples = new short[data.Length / 2];
                for (var i = 0; i < samples.Length; i++)
                {
                    samples[i] = BinaryPrimitives.ReadInt16LittleEndian(data[(2 * i)..]);
                }

                return rate > 0 ? (rate, samples) : null;
            }

            at += 8 + size + (size & 1);
        }

        return null;
    }

    /// <summary>A tone of 220 Hz at 16 kHz, faded in and out.</summary>
    public static byte[] Tone(TimeSpan length)
    {
        const int rate = 16_000;
        var samples = (int)(length.TotalSeconds * rate);
        var file = new byte[44 + 2 * samples];
        "RIFF"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(4), file.Length - 8);
        "WAVEfmt "u8.CopyTo(file.AsSpan(8));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(16), 16);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(20), 1);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(22), 1);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(24), rate);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(28), 2 * rate);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(32), 2);
        BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(34), 16);
        "data"u8.CopyTo(file.AsSpan(36));
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(40), 2 * samples);
        for (var i = 0; i < samples; i++)
        {
            var fade = Math.Min(1, Math.Min(i, samples - i) / 800.0);
            BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(44 + 2 * i), (short)(8000 * fade * Math.Sin(2 * Math.PI * 220 * i / rate)));
        }

        return file;
    }
}
