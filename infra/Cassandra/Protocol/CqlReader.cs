using System.Buffers.Binary;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace Cassandra.Protocol;

/// <summary>
/// Reads the notations of the protocol (section 3). Every length is checked against what is left before anything is allocated for it; what does not fit is a
/// <see cref="MalformedDataException"/>.
/// </summary>
internal ref struct CqlReader(ReadOnlySpan<byte> data)
{
    private readonly ReadOnlySpan<byte> _data = data;

    public int Position { get; private set; }

    public readonly int Remaining => _data.Length - Position;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ReadOnlySpan<byte> ReadRaw(int bytes)
    {
        if ((uint)bytes > (uint)Remaining)
        {
            ThrowShort(bytes);
        }
        ReadOnlySpan<byte> span = _data.Slice(Position, bytes);
        Position += bytes;
        return span;
    }

    public readonly ReadOnlySpan<byte> Rest() => _data[Position..];

    public byte ReadByte() => ReadRaw(1)[0];

    public int ReadShort() => BinaryPrimitives.ReadUInt16BigEndian(ReadRaw(2));

    public int ReadInt() => BinaryPrimitives.ReadInt32BigEndian(ReadRaw(4));

    public long ReadLong() => BinaryPrimitives.ReadInt64BigEndian(ReadRaw(8));

    public Guid ReadUuid() => new(ReadRaw(16), bigEndian: true);

    public string ReadString() => Utf8(ReadRaw(ReadShort()));

    public string ReadLongString() => Utf8(ReadRaw(ReadInt()));

    /// <summary>[bytes]: false for null.</summary>
    public bool TryReadBytes(out ReadOnlySpan<byte> value)
    {
        int length = ReadInt();
        value = length < 0 ? default : ReadRaw(length);
        return length >= 0;
    }

    /// <summary>[bytes], copied; null for null.</summary>
    public byte[]? ReadBytes() => TryReadBytes(out ReadOnlySpan<byte> value) ? value.ToArray() : null;

    public byte[] ReadShortBytes() => ReadRaw(ReadShort()).ToArray();

    /// <summary>A count of items of at least that many bytes each: more than what is left could hold is refused.</summary>
    public int ReadCount(int leastBytesPerItem) => Count(ReadInt(), leastBytesPerItem);

    /// <summary>As <see cref="ReadCount"/>, of a [short].</summary>
    public int ReadShortCount(int leastBytesPerItem) => Count(ReadShort(), leastBytesPerItem);

    public string[] ReadStringList()
    {
        string[] values = new string[ReadShortCount(2)];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = ReadString();
        }
        return values;
    }

    public Dictionary<string, string> ReadStringMap()
    {
        Dictionary<string, string> map = [];
        for (int n = ReadShortCount(4); n > 0; n--)
        {
            string key = ReadString();
            map[key] = ReadString();
        }
        return map;
    }

    public Dictionary<string, IReadOnlyList<string>> ReadStringMultimap()
    {
        Dictionary<string, IReadOnlyList<string>> map = [];
        for (int n = ReadShortCount(4); n > 0; n--)
        {
            string key = ReadString();
            map[key] = ReadStringList();
        }
        return map;
    }

    public Dictionary<string, byte[]> ReadBytesMap()
    {
        Dictionary<string, byte[]> map = [];
        for (int n = ReadShortCount(6); n > 0; n--)
        {
            string key = ReadString();
            map[key] = ReadBytes() ?? [];
        }
        return map;
    }

    /// <summary>[inetaddr]: a byte that is 4 or 16, then the address.</summary>
    public IPAddress ReadInetAddress()
    {
        int length = ReadByte();
        return length is 4 or 16 ? new IPAddress(ReadRaw(length)) : throw new MalformedDataException($"An address of {length} bytes.");
    }

    /// <summary>[inet]: an address and an int port.</summary>
    public IPEndPoint ReadInet()
    {
        IPAddress address = ReadInetAddress();
        int port = ReadInt();
        return port is >= 0 and <= 65_535 ? new IPEndPoint(address, port) : throw new MalformedDataException($"A port of {port}.");
    }

    public ConsistencyLevel ReadConsistency()
    {
        int level = ReadShort();
        return level <= (int)ConsistencyLevel.LocalOne ? (ConsistencyLevel)level : throw new MalformedDataException($"A consistency level of {level}.");
    }

    public ulong ReadUnsignedVint()
    {
        byte first = ReadByte();
        int extra = System.Numerics.BitOperations.LeadingZeroCount((uint)(byte)~first) - 24;
        ulong value = extra >= 7 ? 0 : (ulong)(first & (0xFF >> (extra + 1)));
        foreach (byte next in ReadRaw(extra))
        {
            value = (value << 8) | next;
        }
        return value;
    }

    public long ReadVint()
    {
        ulong value = ReadUnsignedVint();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    private static string Utf8(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);

    private readonly int Count(int count, int leastBytesPerItem) => count >= 0 && (long)count * leastBytesPerItem <= Remaining
        ? count
        : throw new MalformedDataException($"A count of {count} where {Remaining} bytes are left.");

    private readonly void ThrowShort(int bytes) => throw new MalformedDataException($"A length of {bytes} where {Remaining} bytes are left.");
}
