using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace StreamPlatform.Broker.Wire;

/// <summary>
/// Writes the primitive types of the Kafka protocol into a growing pooled buffer. <see cref="Flexible"/> selects compact or classic forms of
/// strings, bytes and arrays, and whether <see cref="WriteEmptyTaggedFields"/> writes anything. Not thread-safe; dispose to return the buffer.
/// </summary>
public sealed class KafkaWriter(bool flexible = false, int capacity = 512) : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(capacity);
    private int _length;

    public bool Flexible { get; set; } = flexible;
    public int Length => _length;
    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(0, _length);
    public ReadOnlySpan<byte> WrittenSpan => _buffer.AsSpan(0, _length);

    public void WriteInt8(sbyte value) => Reserve(1)[0] = (byte)value;
    public void WriteUInt8(byte value) => Reserve(1)[0] = value;
    public void WriteBool(bool value) => Reserve(1)[0] = value ? (byte)1 : (byte)0;
    public void WriteInt16(short value) => BinaryPrimitives.WriteInt16BigEndian(Reserve(2), value);
    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Reserve(2), value);
    public void WriteInt32(int value) => BinaryPrimitives.WriteInt32BigEndian(Reserve(4), value);
    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Reserve(4), value);
    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64BigEndian(Reserve(8), value);
    public void WriteFloat64(double value) => BinaryPrimitives.WriteDoubleBigEndian(Reserve(8), value);
    public void WriteUuid(Guid value) => value.TryWriteBytes(Reserve(16), bigEndian: true, out _);
    public void WriteError(ErrorCode value) => WriteInt16((short)value);

    public void WriteUnsignedVarint(uint value)
    {
        while (value >= 0x80)
        {
            WriteUInt8((byte)(value | 0x80));
            value >>= 7;
        }
        WriteUInt8((byte)value);
    }

    public void WriteUnsignedVarlong(ulong value)
    {
        while (value >= 0x80)
        {
            WriteUInt8((byte)(value | 0x80));
            value >>= 7;
        }
        WriteUInt8((byte)value);
    }

    /// <summary>Zigzag, as used inside records.</summary>
    public void WriteVarint(int value) => WriteUnsignedVarint((uint)((value << 1) ^ (value >> 31)));

    /// <summary>Zigzag, as used inside records.</summary>
    public void WriteVarlong(long value) => WriteUnsignedVarlong((ulong)((value << 1) ^ (value >> 63)));

    public void WriteString(string value) => WriteNullableString(value ?? throw new ArgumentNullException(nameof(value)));

    public void WriteNullableString(string? value)
    {
        if (value is null)
        {
            WriteNullLength(shortForm: true);
            return;
        }
        var count = Encoding.UTF8.GetByteCount(value);
        if (Flexible)
        {
            WriteUnsignedVarint((uint)count + 1);
        }
        else
        {
            WriteInt16(checked((short)count));
        }
        Encoding.UTF8.GetBytes(value, Reserve(count));
    }

    public void WriteBytes(ReadOnlySpan<byte> value)
    {
        WriteBytesLength(value.Length);
        value.CopyTo(Reserve(value.Length));
    }

    public void WriteNullableBytes(ReadOnlyMemory<byte>? value)
    {
        if (value is { } bytes)
        {
            WriteBytes(bytes.Span);
        }
        else
        {
            WriteNullLength(shortForm: false);
        }
    }

    /// <summary>The length before <paramref name="count"/> bytes that the caller then writes (records read straight from a file).</summary>
    public void WriteBytesLength(int count)
    {
        if (Flexible)
        {
            WriteUnsignedVarint((uint)count + 1);
        }
        else
        {
            WriteInt32(count);
        }
    }

    public void WriteArrayLength(int count) => WriteBytesLength(count);

    public void WriteNullArray() => WriteNullLength(shortForm: false);

    public void WriteInt32Array(ReadOnlySpan<int> values)
    {
        WriteArrayLength(values.Length);
        foreach (var value in values)
        {
            WriteInt32(value);
        }
    }

    /// <summary>The empty tagged-field section that ends every structure of a flexible version; nothing in classic ones.</summary>
    public void WriteEmptyTaggedFields()
    {
        if (Flexible)
        {
            WriteUInt8(0);
        }
    }

    public void WriteRaw(ReadOnlySpan<byte> value) => value.CopyTo(Reserve(value.Length));

    /// <summary>Overwrites four bytes written before (a length or a CRC known only afterwards).</summary>
    public void PatchInt32(int position, int value) => BinaryPrimitives.WriteInt32BigEndian(_buffer.AsSpan(position, 4), value);

    /// <summary>Cuts what was written after <paramref name="length"/> (a handler that failed half way starts again).</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)length, (uint)_length);
        _length = length;
    }

    /// <summary>The next <paramref name="count"/> bytes, to be filled by the caller before anything else is written.</summary>
    public Span<byte> Reserve(int count) => ReserveMemory(count).Span;

    /// <summary>As <see cref="Reserve"/>, as Memory.</summary>
    public Memory<byte> ReserveMemory(int count)
    {
        ObjectDisposedException.ThrowIf(_buffer.Length == 0, this);
        if (_buffer.Length - _length < count)
        {
            Grow(count);
        }
        var memory = _buffer.AsMemory(_length, count);
        _length += count;
        return memory;
    }

    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        _length = 0;
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void WriteNullLength(bool shortForm)
    {
        if (Flexible)
        {
            WriteUInt8(0);
        }
        else if (shortForm)
        {
            WriteInt16(-1);
        }
        else
        {
            WriteInt32(-1);
        }
    }

    private void Grow(int count)
    {
        var wanted = Math.Max((long)_length + count, Math.Min((long)_buffer.Length * 2, Array.MaxLength));
        var bigger = ArrayPool<byte>.Shared.Rent(checked((int)wanted));
        _buffer.AsSpan(0, _length).CopyTo(bigger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = bigger;
    }
}
