using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;

namespace Cassandra.Protocol;

/// <summary>Writes the notations of the protocol (section 3) into a growing pooled buffer; dispose returns it. Not safe for threads.</summary>
internal sealed class CqlWriter : IDisposable
{
    private byte[] _buffer;
    private readonly int _maxLength;

    /// <param name="capacity">Bytes to begin with.</param>
    /// <param name="maxLength">Most bytes it will hold: over it, <see cref="InvalidQueryException"/>.</param>
    public CqlWriter(int capacity = 256, int maxLength = int.MaxValue)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(capacity);
        _maxLength = Math.Min(maxLength, Array.MaxLength);
    }

    public int Length { get; private set; }

    public ReadOnlySpan<byte> WrittenSpan => _buffer.AsSpan(0, Length);

    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, Length);

    public byte[] ToArray() => WrittenSpan.ToArray();

    public void Clear() => Length = 0;

    /// <summary>Drops what was written after that length.</summary>
    public void Truncate(int length) => Length = Math.Min(length, Length);

    /// <summary>Gives a buffer over that size back, when empty.</summary>
    public void Shrink(int keepBytes)
    {
        if (Length == 0 && _buffer.Length > keepBytes)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = ArrayPool<byte>.Shared.Rent(256);
        }
    }

    public void Dispose()
    {
        byte[] buffer = Interlocked.Exchange(ref _buffer, []);
        Length = 0;
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The next bytes, to be filled by the caller.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Span<byte> Reserve(int bytes)
    {
        int at = Length;
        if (_buffer.Length - at < bytes)
        {
            Grow(bytes);
        }
        Length = at + bytes;
        return _buffer.AsSpan(at, bytes);
    }

    public void WriteByte(byte value) => Reserve(1)[0] = value;

    public void WriteShort(int value)
    {
        if ((uint)value > ushort.MaxValue)
        {
            throw new InvalidQueryException($"{value} is over 65,535, the most a count or short length can be.");
        }
        BinaryPrimitives.WriteUInt16BigEndian(Reserve(2), (ushort)value);
    }

    public void WriteInt(int value) => BinaryPrimitives.WriteInt32BigEndian(Reserve(4), value);

    public void WriteLong(long value) => BinaryPrimitives.WriteInt64BigEndian(Reserve(8), value);

    public void WriteRaw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    public void WriteUuid(Guid value) => value.TryWriteBytes(Reserve(16), bigEndian: true, out _);

    /// <summary>[string].</summary>
    public void WriteString(string value)
    {
        int at = Length;
        Reserve(2);
        WriteUtf8(value);
        int length = Length - at - 2;
        if (length > ushort.MaxValue)
        {
            Length = at;
            throw new InvalidQueryException($"A string of {length} bytes is over 65,535.");
        }
        BinaryPrimitives.WriteUInt16BigEndian(_buffer.AsSpan(at), (ushort)length);
    }

    /// <summary>[long string].</summary>
    public void WriteLongString(string value)
    {
        int at = BeginBytes();
        WriteUtf8(value);
        EndBytes(at);
    }

    /// <summary>[bytes]; null is length -1.</summary>
    public void WriteBytes(byte[]? value)
    {
        if (value is null)
        {
            WriteInt(-1);
            return;
        }
        WriteBytes(value.AsSpan());
    }

    /// <summary>[bytes], not null.</summary>
    public void WriteBytes(ReadOnlySpan<byte> value)
    {
        WriteInt(value.Length);
        WriteRaw(value);
    }

    /// <summary>[short bytes].</summary>
    public void WriteShortBytes(ReadOnlySpan<byte> value)
    {
        WriteShort(value.Length);
        WriteRaw(value);
    }

    public void WriteNull() => WriteInt(-1);

    public void WriteUnset() => WriteInt(-2);

    /// <summary>Leaves room for an int length that <see cref="EndBytes"/> fills; returns what it needs.</summary>
    public int BeginBytes()
    {
        int at = Length;
        Reserve(4);
        return at;
    }

    public void EndBytes(int began) => BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(began), Length - began - 4);

    public void WriteStringList(IReadOnlyList<string> values)
    {
        WriteShort(values.Count);
        foreach (string value in values)
        {
            WriteString(value);
        }
    }

    public void WriteStringMap(IReadOnlyDictionary<string, string> values)
    {
        WriteShort(values.Count);
        foreach ((string key, string value) in values)
        {
            WriteString(key);
            WriteString(value);
        }
    }

    public void WriteBytesMap(IReadOnlyDictionary<string, byte[]> values)
    {
        WriteShort(values.Count);
        foreach ((string key, byte[] value) in values)
        {
            WriteString(key);
            WriteBytes(value);
        }
    }

    /// <summary>[unsigned vint]: the first byte's leading ones count the bytes that follow.</summary>
    public void WriteUnsignedVint(ulong value)
    {
        int extra = ExtraBytes(value);
        Span<byte> bytes = Reserve(1 + extra);
        for (int i = extra; i > 0; i--)
        {
            bytes[i] = (byte)value;
            value >>= 8;
        }
        bytes[0] = (byte)(value | (extra == 0 ? 0u : (byte)(0xFF << (8 - extra))));
    }

    /// <summary>[vint]: zig-zag, so that small negatives stay short.</summary>
    public void WriteVint(long value) => WriteUnsignedVint((ulong)((value >> 63) ^ (value << 1)));

    public void WriteUtf8(string value)
    {
        int bytes = Encoding.UTF8.GetByteCount(value);
        Encoding.UTF8.GetBytes(value, Reserve(bytes));
    }

    /// <summary>Overwrites an int that was written before.</summary>
    public void PatchInt(int at, int value) => BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(at), value);

    /// <summary>Fills the header that <see cref="Reserve"/> left room for.</summary>
    public void PatchHeader(int at, FrameHeader header) => header.Write(_buffer.AsSpan(at, FrameHeader.Size));

    private static int ExtraBytes(ulong value)
    {
        int bits = 64 - System.Numerics.BitOperations.LeadingZeroCount(value | 1);
        return bits > 56 ? 8 : (bits - 1) / 7;
    }

    private void Grow(int bytes)
    {
        long needed = (long)Length + bytes;
        if (needed > _maxLength)
        {
            throw new InvalidQueryException($"A message of {needed} bytes is over the limit of {_maxLength}.");
        }
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(_maxLength, Math.Max(needed, _buffer.Length * 2L)));
        _buffer.AsSpan(0, Length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
