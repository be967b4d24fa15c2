using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Cassandra;

/// <summary>A version 1 UUID: 100 ns since 1582-10-15, a clock sequence and a node (RFC 4122, section 4.2).</summary>
public readonly record struct TimeUuid : IComparable<TimeUuid>
{
    private static readonly long GregorianTicks = new DateTime(1582, 10, 15, 0, 0, 0, DateTimeKind.Utc).Ticks;
    private readonly Guid _value;

    private TimeUuid(Guid value) => _value = value;

    /// <summary>From a UUID that is of version 1 already.</summary>
    /// <exception cref="ArgumentException">It is of another version.</exception>
    public static TimeUuid FromGuid(Guid value) => value.Version == 1 ? new TimeUuid(value) : throw new ArgumentException($"A timeuuid is a UUID of version 1, not {value.Version}.");

    /// <summary>A fresh one for this moment.</summary>
    public static TimeUuid NewId() => NewId(TimeProvider.System.GetUtcNow());

    /// <exception cref="FormatException">It is no UUID.</exception>
    /// <exception cref="ArgumentException">It is of another version than 1.</exception>
    public static TimeUuid Parse(string input) => FromGuid(Guid.Parse(input));

    /// <summary>A fresh one for that moment, with random node and clock sequence: two of one moment differ.</summary>
    public static TimeUuid NewId(DateTimeOffset moment)
    {
        Span<byte> random = stackalloc byte[8];
        RandomNumberGenerator.Fill(random);
        return NewId(random[2..], random[..2], moment);
    }

    /// <param name="node">6 bytes; its multicast bit is set, as RFC 4122, section 4.5 asks of a node that is no hardware address.</param>
    /// <param name="clockSequence">2 bytes, of which 14 bits count.</param>
    /// <param name="moment">After 1582-10-15, in steps of 100 ns.</param>
    public static TimeUuid NewId(ReadOnlySpan<byte> node, ReadOnlySpan<byte> clockSequence, DateTimeOffset moment)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(node.Length, 6, nameof(node));
        ArgumentOutOfRangeException.ThrowIfNotEqual(clockSequence.Length, 2, nameof(clockSequence));
        long ticks = moment.UtcTicks - GregorianTicks;
        ArgumentOutOfRangeException.ThrowIfNegative(ticks, nameof(moment));
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)ticks);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[4..], (ushort)(ticks >> 32));
        BinaryPrimitives.WriteUInt16BigEndian(bytes[6..], (ushort)(((ticks >> 48) & 0x0FFF) | 0x1000));
        bytes[8] = (byte)((clockSequence[0] & 0x3F) | 0x80);
        bytes[9] = clockSequence[1];
        node.CopyTo(bytes[10..]);
        bytes[10] |= 0x01;
        return new TimeUuid(new Guid(bytes, bigEndian: true));
    }

    /// <summary>The moment it was made for.</summary>
    public DateTimeOffset GetDate()
    {
        Span<byte> bytes = stackalloc byte[16];
        _value.TryWriteBytes(bytes, bigEndian: true, out _);
        long ticks = BinaryPrimitives.ReadUInt32BigEndian(bytes)
            | ((long)BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]) << 32)
            | ((long)(BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]) & 0x0FFF) << 48);
        return new DateTimeOffset(GregorianTicks + ticks, TimeSpan.Zero);
    }

    public Guid ToGuid() => _value;

    /// <summary>By time first, as Cassandra orders timeuuid columns; then by the remaining bytes.</summary>
    public int CompareTo(TimeUuid other)
    {
        int byTime = GetDate().CompareTo(other.GetDate());
        return byTime != 0 ? byTime : _value.CompareTo(other._value);
    }

    public static bool operator <(TimeUuid left, TimeUuid right) => left.CompareTo(right) < 0;

    public static bool operator >(TimeUuid left, TimeUuid right) => left.CompareTo(right) > 0;

    public static bool operator <=(TimeUuid left, TimeUuid right) => left.CompareTo(right) <= 0;

    public static bool operator >=(TimeUuid left, TimeUuid right) => left.CompareTo(right) >= 0;

    public static implicit operator Guid(TimeUuid value) => value._value;

    /// <exception cref="ArgumentException">It is of another version than 1.</exception>
    public static implicit operator TimeUuid(Guid value) => FromGuid(value);

    public override string ToString() => _value.ToString();
}
