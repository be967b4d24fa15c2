using System.Buffers.Binary;
using System.Text;

namespace StreamPlatform.Broker.Wire;

/// <summary>
/// Reads the primitive types of the Kafka protocol from a request body. With <c>flexible</c> the strings, bytes and arrays
/// are in their compact forms and <see cref="SkipTaggedFields"/> reads something; otherwise the classic forms are read and it is a no-op:
/// so one handler serves both. Every read is bounds-checked and throws <see cref="MalformedRequestException"/>.
/// </summary>
public ref struct KafkaReader(ReadOnlySpan<byte> buffer, bool flexible = false)
{
    private readonly ReadOnlySpan<byte> _buffer = buffer;
    private int _position;

    public readonly bool Flexible => flexible;
    public readonly int Position => _position;
    public readonly int Remaining => _buffer.Length - _position;
    public readonly bool End => _position == _buffer.Length;

    public sbyte ReadInt8() => (sbyte)Take(1)[0];
    public byte ReadUInt8() => Take(1)[0];
    public bool ReadBool() => Take(1)[0] != 0;
    public short ReadInt16() => BinaryPrimitives.ReadInt16BigEndian(Take(2));
    public ushort ReadUInt16() => BinaryPrimitives.ReadUInt16BigEndian(Take(2));
    public int ReadInt32() => BinaryPrimitives.ReadInt32BigEndian(Take(4));
    public uint ReadUInt32() => BinaryPrimitives.ReadUInt32BigEndian(Take(4));
    public long ReadInt64() => BinaryPrimitives.ReadInt64BigEndian(Take(8));
    public double ReadFloat64() => BinaryPrimitives.ReadDoubleBigEndian(Take(8));

    /// <summary>Kafka's UUID: 16 bytes, big-endian.</summary>
    public Guid ReadUuid() => new(Take(16), bigEndian: true);

    public uint ReadUnsignedVarint()
    {
        uint value = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            var b = Take(1)[0];
            if (shift == 28 && b > 0x0F)
            {
                break;
            }
            value |= (uint)(b & 0x7F) << shift;
            if ((b & 0x80) == 0)
            {
                return value;
            }
        }
        throw new MalformedRequestException($"varint longer than 32 bits at byte {_position}");
    }

    public ulong ReadUnsignedVarlong()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var b = Take(1)[0];
            if (shift == 63 && b > 1)
            {
                break;
            }
            value |= (ulong)(b & 0x7F) << shift;
            if ((b & 0x80) == 0)
            {
                return value;
            }
        }
        throw new MalformedRequestException($"varint longer than 64 bits at byte {_position}");
    }

    /// <summary>Zigzag-encoded int32, as used inside records.</summary>
    public int ReadVarint()
    {
        var raw = ReadUnsignedVarint();
        return (int)(raw >> 1) ^ -(int)(raw & 1);
    }

    /// <summary>Zigzag-encoded int64, as used inside records.</summary>
    public long ReadVarlong()
    {
        var raw = ReadUnsignedVarlong();
        return (long)(raw >> 1) ^ -(long)(raw & 1);
    }

    /// <summary>A string that may not be null; throws if it is.</summary>
    public string ReadString() => ReadNullableString() ?? throw new MalformedRequestException($"null string at byte {_position} where a value is required");

    public string? ReadNullableString() => flexible ? ReadCompactNullableString() : ReadClassicNullableString();

    public string? ReadClassicNullableString() => Text(ReadInt16());

    public string? ReadCompactNullableString() => Text(CompactLength());

    /// <summary>Bytes that may not be null; a view of the request's buffer.</summary>
    public ReadOnlySpan<byte> ReadBytes()
    {
        if (!TryReadNullableBytes(out var bytes))
        {
            throw new MalformedRequestException($"null bytes at byte {_position} where a value is required");
        }
        return bytes;
    }

    /// <summary>False if null. The span is a view of the request's buffer.</summary>
    public bool TryReadNullableBytes(out ReadOnlySpan<byte> bytes)
    {
        var length = flexible ? CompactLength() : ReadInt32();
        if (length < 0)
        {
            bytes = default;
            return CheckNull(length);
        }
        bytes = Take(length);
        return true;
    }

    /// <summary>Where nullable bytes or records lie in the body, for handlers that need a Memory: (position, length), length -1 if null.</summary>
    public (int Position, int Length) ReadNullableBytesRange()
    {
        var length = flexible ? CompactLength() : ReadInt32();
        if (length < 0)
        {
            CheckNull(length);
            return (_position, -1);
        }
        var start = _position;
        Take(length);
        return (start, length);
    }

    /// <summary>The number of elements, -1 if the array is null. Never more than the remaining bytes could hold.</summary>
    public int ReadNullableArrayLength(int minElementBytes = 1)
    {
        var length = flexible ? CompactLength() : ReadInt32();
        if (length < -1 || (long)length * Math.Max(1, minElementBytes) > Remaining)
        {
            throw new MalformedRequestException($"array of {length} elements at byte {_position} exceeds the request");
        }
        return length;
    }

    /// <summary>The number of elements; a null array counts as malformed.</summary>
    public int ReadArrayLength(int minElementBytes = 1)
    {
        var length = ReadNullableArrayLength(minElementBytes);
        return length >= 0 ? length : throw new MalformedRequestException($"null array at byte {_position} where a value is required");
    }

    public int[] ReadInt32Array()
    {
        var values = new int[ReadArrayLength(sizeof(int))];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = ReadInt32();
        }
        return values;
    }

    public string[] ReadStringArray()
    {
        var values = new string[ReadArrayLength()];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = ReadString();
        }
        return values;
    }

    /// <summary>Reads and ignores the tagged fields at the end of every structure of a flexible version; nothing in classic ones.</summary>
    public void SkipTaggedFields()
    {
        if (!flexible)
        {
            return;
        }
        var count = ReadUnsignedVarint();
        for (uint i = 0; i < count; i++)
        {
            ReadUnsignedVarint();
            Skip(ReadUnsignedVarint());
        }
    }

    public void Skip(uint count)
    {
        if (count > (uint)Remaining)
        {
            throw new MalformedRequestException($"{count} bytes wanted at byte {_position}, {Remaining} left");
        }
        _position += (int)count;
    }

    /// <summary>Exactly <paramref name="count"/> bytes, as a view of the buffer.</summary>
    public ReadOnlySpan<byte> Take(int count)
    {
        if ((uint)count > (uint)Remaining)
        {
            throw new MalformedRequestException($"{count} bytes wanted at byte {_position}, {Remaining} left");
        }
        var span = _buffer.Slice(_position, count);
        _position += count;
        return span;
    }

    private int CompactLength()
    {
        var raw = ReadUnsignedVarint();
        return raw > int.MaxValue ? throw new MalformedRequestException($"length {raw} at byte {_position}") : (int)raw - 1;
    }

    private string? Text(int length)
    {
        if (length < 0)
        {
            CheckNull(length);
            return null;
        }
        return Encoding.UTF8.GetString(Take(length));
    }

    private readonly bool CheckNull(int length) =>
        length == -1 ? false : throw new MalformedRequestException($"negative length {length} at byte {_position}");
}
