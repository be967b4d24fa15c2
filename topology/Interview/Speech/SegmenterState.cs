using System.Buffers.Binary;

namespace StreamPlatform.Topology.Speech;

/// <summary>Where the segmenter stands inside one answer. Under 1 KiB, so that it can be keyed state; the samples themselves are kept elsewhere.</summary>
/// <remarks>Positions are samples from the answer's first one.</remarks>
public sealed record SegmenterState
{
    /// <summary>Before the first chunk.</summary>
    public static SegmenterState Start { get; } = new();

    /// <summary>Samples judged so far: whole frames.</summary>
    public long Judged { get; init; }

    /// <summary>First sample of the segment in progress.</summary>
    public long SegmentStart { get; init; }

    /// <summary>Segments closed so far.</summary>
    public int Closed { get; init; }

    /// <summary>Speech inside the segment in progress, in samples.</summary>
    public int SpeechSamples { get; init; }

    /// <summary>Silence at the end of what was judged, in samples; may reach back before the segment's start.</summary>
    public long SilentRun { get; init; }

    /// <summary>Where to cut if no pause comes: the end of the quietest frame in the segment's last third; 0 = none yet.</summary>
    public long QuietestAt { get; init; }

    /// <summary>Speech probability of that frame.</summary>
    public float QuietestProbability { get; init; } = 1f;

    /// <summary>Speech of the segment up to <see cref="QuietestAt"/>, in samples.</summary>
    public int SpeechAtQuietest { get; init; }

    /// <summary>Samples received after the last whole frame: fewer than one frame.</summary>
    public IReadOnlyList<short> Rest { get; init; } = [];

    /// <summary>Samples received so far.</summary>
    public long Received => Judged + Rest.Count;

    private const int HeaderBytes = 4 + 8 + 8 + 4 + 4 + 8 + 8 + 4 + 4;
    private const int Version = 1;

    /// <summary>For a changelog: big-endian numbers, then the rest's samples.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[HeaderBytes + (Rest.Count * 2)];
        Span<byte> to = bytes;
        BinaryPrimitives.WriteInt32BigEndian(to, Version);
        BinaryPrimitives.WriteInt64BigEndian(to[4..], Judged);
        BinaryPrimitives.WriteInt64BigEndian(to[12..], SegmentStart);
        BinaryPrimitives.WriteInt32BigEndian(to[20..], Closed);
        BinaryPrimitives.WriteInt32BigEndian(to[24..], SpeechSamples);
        BinaryPrimitives.WriteInt64BigEndian(to[28..], SilentRun);
        BinaryPrimitives.WriteInt64BigEndian(to[36..], QuietestAt);
        BinaryPrimitives.WriteSingleBigEndian(to[44..], QuietestProbability);
        BinaryPrimitives.WriteInt32BigEndian(to[48..], SpeechAtQuietest);
        for (int i = 0; i < Rest.Count; i++)
        {
            BinaryPrimitives.WriteInt16BigEndian(to[(HeaderBytes + (2 * i))..], Rest[i]);
        }
        return bytes;
    }

    /// <exception cref="FormatException">Not written by <see cref="ToBytes"/>.</exception>
    public static SegmenterState FromBytes(ReadOnlySpan<byte> from)
    {
        if (from.Length < HeaderBytes || from.Length % 2 != 0 || BinaryPrimitives.ReadInt32BigEndian(from) != Version)
        {
            throw new FormatException($"{from.Length} bytes are no segmenter state of version {Version}.");
        }
        short[] rest = new short[(from.Length - HeaderBytes) / 2];
        for (int i = 0; i < rest.Length; i++)
        {
            rest[i] = BinaryPrimitives.ReadInt16BigEndian(from[(HeaderBytes + (2 * i))..]);
        }
        return new SegmenterState
        {
            Judged = BinaryPrimitives.ReadInt64BigEndian(from[4..]),
            SegmentStart = BinaryPrimitives.ReadInt64BigEndian(from[12..]),
            Closed = BinaryPrimitives.ReadInt32BigEndian(from[20..]),
            SpeechSamples = BinaryPrimitives.ReadInt32BigEndian(from[24..]),
            SilentRun = BinaryPrimitives.ReadInt64BigEndian(from[28..]),
            QuietestAt = BinaryPrimitives.ReadInt64BigEndian(from[36..]),
            QuietestProbability = BinaryPrimitives.ReadSingleBigEndian(from[44..]),
            SpeechAtQuietest = BinaryPrimitives.ReadInt32BigEndian(from[48..]),
            Rest = rest,
        };
    }
}
