using System.Buffers.Binary;

namespace StreamPlatform.Speech.Synthesis;

/// <summary>The lengths in the head of a RIFF/WAVE file.</summary>
internal static class WavHeader
{
    private const int RiffBytes = 12;
    private const int ChunkHeadBytes = 8;

    /// <summary>True when the bytes are a RIFF/WAVE file with sound in it. A program that writes to a pipe does not know the lengths beforehand: they are set here.</summary>
    public static bool TryComplete(Span<byte> wav)
    {
        if (wav.Length < RiffBytes || !wav[..4].SequenceEqual("RIFF"u8) || !wav[8..12].SequenceEqual("WAVE"u8))
        {
            return false;
        }

        for (var at = RiffBytes; at + ChunkHeadBytes <= wav.Length;)
        {
            var room = wav.Length - at - ChunkHeadBytes;
            if (wav.Slice(at, 4).SequenceEqual("data"u8))
            {
                BinaryPrimitives.WriteUInt32LittleEndian(wav[4..], (uint)(wav.Length - ChunkHeadBytes));
                BinaryPrimitives.WriteUInt32LittleEndian(wav[(at + 4)..], (uint)room);
                return room > 0;
            }

            var size = BinaryPrimitives.ReadUInt32LittleEndian(wav[(at + 4)..]);
            if (size > room)
            {
                return false;
            }

            at += ChunkHeadBytes + (int)(size + (size & 1));
        }

        return false;
    }
}
