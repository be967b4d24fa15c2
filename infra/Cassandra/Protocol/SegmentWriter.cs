using System.Buffers.Binary;
using K4os.Compression.LZ4;

namespace Cassandra.Protocol;

/// <summary>
/// Packs frames into segments (native protocol v5, section 2): several whole frames into one self-contained segment of at most 131,071 bytes, a larger frame over several
/// that are not. With lz4, a payload that does not shrink goes as it is, told by an uncompressed length of 0. Both directions of the protocol use it.
/// </summary>
internal sealed class SegmentWriter(bool compressed)
{
    /// <summary>17 bits of length.</summary>
    public const int MaxPayload = (1 << 17) - 1;

    /// <summary>Payloads below this are not worth the call: they go uncompressed.</summary>
    private const int LeastWorthCompressing = 64;

    public const int TrailerSize = 4;
    private readonly byte[]? _scratch = compressed ? new byte[LZ4Codec.MaximumOutputSize(MaxPayload)] : null;

    public int HeaderSize { get; } = HeaderSizeOf(compressed);

    public static int HeaderSizeOf(bool compressed) => compressed ? 8 : 6;

    /// <summary>Appends segments that carry these frames, which stand one behind the other in <paramref name="frames"/>.</summary>
    /// <exception cref="MalformedDataException">The bytes are not whole frames.</exception>
    public void Write(ReadOnlySpan<byte> frames, CqlWriter to)
    {
        while (frames.Length > 0)
        {
            int whole = 0;
            while (whole < frames.Length)
            {
                int frame = FrameLength(frames[whole..]);
                if (whole + frame > MaxPayload)
                {
                    break;
                }
                whole += frame;
            }
            if (whole > 0)
            {
                WriteSegment(frames[..whole], selfContained: true, to);
                frames = frames[whole..];
                continue;
            }
            int large = FrameLength(frames);
            for (int at = 0; at < large; at += MaxPayload)
            {
                WriteSegment(frames[at..Math.Min(large, at + MaxPayload)], selfContained: false, to);
            }
            frames = frames[large..];
        }
    }

    /// <summary>Appends one segment.</summary>
    public void WriteSegment(ReadOnlySpan<byte> payload, bool selfContained, CqlWriter to)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, MaxPayload);
        ulong self = selfContained ? 1UL : 0;
        if (_scratch is null)
        {
            WriteParts((uint)payload.Length | (self << 17), 3, payload, to);
            return;
        }
        int packed = payload.Length < LeastWorthCompressing ? -1 : LZ4Codec.Encode(payload, _scratch);
        bool smaller = packed > 0 && packed < payload.Length;
        ReadOnlySpan<byte> bytes = smaller ? _scratch.AsSpan(0, packed) : payload;
        WriteParts((uint)bytes.Length | ((smaller ? (ulong)payload.Length : 0) << 17) | (self << 34), 5, bytes, to);
    }

    private static void WriteParts(ulong header, int headerBytes, ReadOnlySpan<byte> payload, CqlWriter to)
    {
        Span<byte> at = to.Reserve(headerBytes + 3 + payload.Length + TrailerSize);
        int crc = Checksums.Crc24(header, headerBytes);
        for (int i = 0; i < headerBytes; i++)
        {
            at[i] = (byte)(header >> (8 * i));
        }
        for (int i = 0; i < 3; i++)
        {
            at[headerBytes + i] = (byte)(crc >> (8 * i));
        }
        payload.CopyTo(at[(headerBytes + 3)..]);
        BinaryPrimitives.WriteUInt32LittleEndian(at[(headerBytes + 3 + payload.Length)..], Checksums.Crc32(payload));
    }

    private static int FrameLength(ReadOnlySpan<byte> frames)
    {
        int body = frames.Length >= FrameHeader.Size ? BinaryPrimitives.ReadInt32BigEndian(frames[5..]) : -1;
        return body >= 0 && body <= frames.Length - FrameHeader.Size ? FrameHeader.Size + body : throw new MalformedDataException("Not a whole frame.");
    }
}
