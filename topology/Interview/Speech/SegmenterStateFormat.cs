using System.Buffers.Binary;

namespace StreamPlatform.Topology.Speech;

/// <summary>The segmenter's state as bytes: a version, big-endian numbers, the detector's memory after its length, then the rest's samples.</summary>
internal static class SegmenterStateFormat
{
    private const int Version = 2;
    private const int FirstVersion = 1; // without the answer's shape and without memory
    private const int FirstHeaderBytes = 4 + 8 + 8 + 4 + 4 + 8 + 8 + 4 + 4;
    private const int HeaderBytes = FirstHeaderBytes + 8 + 8 + 4 + 8 + 4;
    private const int MaxMemory = 1_024;

    public static byte[] Write(SegmenterState state)
    {
        byte[] bytes = new byte[HeaderBytes + (state.Memory.Count * 4) + (state.Rest.Count * 2)];
        Span<byte> to = bytes;
        BinaryPrimitives.WriteInt32BigEndian(to, Version);
        BinaryPrimitives.WriteInt64BigEndian(to[4..], state.Judged);
        BinaryPrimitives.WriteInt64BigEndian(to[12..], state.SegmentStart);
        BinaryPrimitives.WriteInt32BigEndian(to[20..], state.Closed);
        BinaryPrimitives.WriteInt32BigEndian(to[24..], state.SpeechSamples);
        BinaryPrimitives.WriteInt64BigEndian(to[28..], state.SilentRun);
        BinaryPrimitives.WriteInt64BigEndian(to[36..], state.QuietestAt);
        BinaryPrimitives.WriteSingleBigEndian(to[44..], state.QuietestProbability);
        BinaryPrimitives.WriteInt32BigEndian(to[48..], state.SpeechAtQuietest);
        BinaryPrimitives.WriteInt64BigEndian(to[52..], state.FirstSpeech);
        BinaryPrimitives.WriteInt64BigEndian(to[60..], state.LastSpeech);
        BinaryPrimitives.WriteInt32BigEndian(to[68..], state.Pauses);
        BinaryPrimitives.WriteInt64BigEndian(to[72..], state.LongestPause);
        BinaryPrimitives.WriteInt32BigEndian(to[80..], state.Memory.Count);
        to = to[HeaderBytes..];
        foreach (float value in state.Memory)
        {
            BinaryPrimitives.WriteSingleBigEndian(to, value);
            to = to[4..];
        }
        foreach (short sample in state.Rest)
        {
            BinaryPrimitives.WriteInt16BigEndian(to, sample);
            to = to[2..];
        }
        return bytes;
    }

    /// <exception cref="FormatException">Not written by <see cref="Write"/> of this or the first version.</exception>
    public static SegmenterState Read(ReadOnlySpan<byte> from)
    {
        int version = from.Length < FirstHeaderBytes ? 0 : BinaryPrimitives.ReadInt32BigEndian(from);
        int header = version == FirstVersion ? FirstHeaderBytes : HeaderBytes;
        int memory = version == Version && from.Length >= HeaderBytes ? BinaryPrimitives.ReadInt32BigEndian(from[80..]) : 0;
        bool known = version is Version or FirstVersion;
        if (!known || memory is < 0 or > MaxMemory || from.Length < header + (memory * 4) || from.Length % 2 != 0)
        {
            throw new FormatException($"{from.Length} bytes are no segmenter state of version {Version}.");
        }
        SegmenterState state = new()
        {
            Judged = BinaryPrimitives.ReadInt64BigEndian(from[4..]),
            SegmentStart = BinaryPrimitives.ReadInt64BigEndian(from[12..]),
            Closed = BinaryPrimitives.ReadInt32BigEndian(from[20..]),
            SpeechSamples = BinaryPrimitives.ReadInt32BigEndian(from[24..]),
            SilentRun = BinaryPrimitives.ReadInt64BigEndian(from[28..]),
            QuietestAt = BinaryPrimitives.ReadInt64BigEndian(from[36..]),
            QuietestProbability = BinaryPrimitives.ReadSingleBigEndian(from[44..]),
            SpeechAtQuietest = BinaryPrimitives.ReadInt32BigEndian(from[48..]),
            Memory = ReadFloats(from.Slice(header, memory * 4)),
            Rest = ReadSamples(from[(header + (memory * 4))..]),
        };
        return version == FirstVersion ? state : state with
        {
            FirstSpeech = BinaryPrimitives.ReadInt64BigEndian(from[52..]),
            LastSpeech = BinaryPrimitives.ReadInt64BigEndian(from[60..]),
            Pauses = BinaryPrimitives.ReadInt32BigEndian(from[68..]),
            LongestPause = BinaryPrimitives.ReadInt64BigEndian(from[72..]),
        };
    }

    private static float[] ReadFloats(ReadOnlySpan<byte> from)
    {
        float[] values = new float[from.Length / 4];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadSingleBigEndian(from[(4 * i)..]);
        }
        return values;
    }

    private static short[] ReadSamples(ReadOnlySpan<byte> from)
    {
        short[] values = new short[from.Length / 2];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = BinaryPrimitives.ReadInt16BigEndian(from[(2 * i)..]);
        }
        return values;
    }
}
