using System.Buffers;
using System.Buffers.Binary;
using K4os.Compression.LZ4;

namespace Cassandra.Protocol;

/// <summary>Takes one whole frame; the bytes are only lent.</summary>
internal delegate void FrameHandler(in FrameHeader header, ReadOnlySpan<byte> body);

/// <summary>
/// Unpacks segments into frames, the reverse of <see cref="SegmentWriter"/>. Checks both checksums before it trusts a length, and holds at most one frame of
/// <c>maxFrameBytes</c>, whose buffer grows with what has come, not with what is announced. Both directions of the protocol use it.
/// </summary>
internal sealed class SegmentReader(bool compressed, int maxFrameBytes) : IDisposable
{
    private readonly int _headerSize = SegmentWriter.HeaderSizeOf(compressed);
    private readonly byte[]? _inflated = compressed ? new byte[SegmentWriter.MaxPayload] : null;
    private byte[] _partial = [];
    private int _partialLength;

    /// <summary>The most a whole segment takes: a buffer of this size never blocks the reader.</summary>
    public static int MaxSegmentSize => 8 + SegmentWriter.MaxPayload + SegmentWriter.TrailerSize;

    /// <summary>Handles all whole segments in <paramref name="data"/>; returns how many bytes that were.</summary>
    /// <exception cref="MalformedDataException">A checksum is wrong, or the segments do not hold frames.</exception>
    public int Read(ReadOnlySpan<byte> data, FrameHandler handler)
    {
        int consumed = 0;
        while (TryReadSegment(data[consumed..], out int size, out ReadOnlySpan<byte> payload, out bool selfContained))
        {
            consumed += size;
            if (selfContained)
            {
                ReadFrames(payload, handler);
            }
            else
            {
                Append(payload, handler);
            }
        }
        return consumed;
    }

    public void Dispose()
    {
        byte[] partial = Interlocked.Exchange(ref _partial, []);
        if (partial.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(partial);
        }
    }

    private bool TryReadSegment(ReadOnlySpan<byte> data, out int size, out ReadOnlySpan<byte> payload, out bool selfContained)
    {
        size = 0;
        payload = default;
        selfContained = false;
        if (data.Length < _headerSize)
        {
            return false;
        }
        ulong header = ReadLittleEndian(data[..(_headerSize - 3)]);
        if (Checksums.Crc24(header, _headerSize - 3) != (int)ReadLittleEndian(data[(_headerSize - 3).._headerSize]))
        {
            throw new MalformedDataException("The checksum of a segment's header is wrong.");
        }
        int length = (int)(header & SegmentWriter.MaxPayload);
        int total = _headerSize + length + SegmentWriter.TrailerSize;
        if (data.Length < total)
        {
            return false;
        }
        payload = data.Slice(_headerSize, length);
        if (Checksums.Crc32(payload) != BinaryPrimitives.ReadUInt32LittleEndian(data[(_headerSize + length)..]))
        {
            throw new MalformedDataException("The checksum of a segment's payload is wrong.");
        }
        selfContained = ((header >> (compressed ? 34 : 17)) & 1) != 0;
        if (compressed)
        {
            payload = Inflate(payload, (int)((header >> 17) & SegmentWriter.MaxPayload));
        }
        size = total;
        return true;
    }

    private ReadOnlySpan<byte> Inflate(ReadOnlySpan<byte> payload, int length)
    {
        if (length == 0)
        {
            return payload;
        }
        Span<byte> to = _inflated.AsSpan(0, length);
        return LZ4Codec.Decode(payload, to) == length ? to : throw new MalformedDataException("A segment does not decompress to the length it states.");
    }

    private void ReadFrames(ReadOnlySpan<byte> payload, FrameHandler handler)
    {
        if (_partialLength > 0)
        {
            throw new MalformedDataException("A self-contained segment within a frame of several segments.");
        }
        while (payload.Length > 0)
        {
            if (payload.Length < FrameHeader.Size)
            {
                throw new MalformedDataException("A self-contained segment ends within a frame's header.");
            }
            FrameHeader header = FrameHeader.Read(payload, maxFrameBytes);
            if (payload.Length - FrameHeader.Size < header.BodyLength)
            {
                throw new MalformedDataException("A self-contained segment ends within a frame.");
            }
            handler(header, payload.Slice(FrameHeader.Size, header.BodyLength));
            payload = payload[(FrameHeader.Size + header.BodyLength)..];
        }
    }

    private void Append(ReadOnlySpan<byte> payload, FrameHandler handler)
    {
        if (payload.IsEmpty)
        {
            throw new MalformedDataException("An empty segment within a frame.");
        }
        EnsureRoom(payload.Length);
        payload.CopyTo(_partial.AsSpan(_partialLength));
        _partialLength += payload.Length;
        if (_partialLength < FrameHeader.Size)
        {
            return;
        }
        FrameHeader header = FrameHeader.Read(_partial, maxFrameBytes);
        int total = FrameHeader.Size + header.BodyLength;
        if (_partialLength > total)
        {
            throw new MalformedDataException("Segments of one frame hold more than the frame.");
        }
        if (_partialLength == total)
        {
            _partialLength = 0;
            handler(header, _partial.AsSpan(FrameHeader.Size, header.BodyLength));
            Dispose();
        }
    }

    private void EnsureRoom(int bytes)
    {
        long needed = (long)_partialLength + bytes;
        if (needed <= _partial.Length)
        {
            return;
        }
        if (needed > (long)maxFrameBytes + FrameHeader.Size)
        {
            throw new MalformedDataException($"A frame of more than {maxFrameBytes} bytes.");
        }
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(Array.MaxLength, Math.Max(needed, _partial.Length * 2L)));
        _partial.AsSpan(0, _partialLength).CopyTo(larger);
        if (_partial.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_partial);
        }
        _partial = larger;
    }

    private static ulong ReadLittleEndian(ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int i = bytes.Length - 1; i >= 0; i--)
        {
            value = (value << 8) | bytes[i];
        }
        return value;
    }
}
