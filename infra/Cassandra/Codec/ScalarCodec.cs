using System.Buffers.Binary;
using System.Net;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text;
using Cassandra.Protocol;

namespace Cassandra.Codec;

/// <summary>Scalar values to and from their bytes (native protocol v5, section 6), without the length before them.</summary>
internal static class ScalarCodec
{
    /// <summary>Digits of a varint or decimal are computed in quadratic time: more bytes than this (about 20,000 digits) are refused.</summary>
    private const int MaxBigIntegerBytes = 8 << 10;

    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static bool ReadBoolean(ReadOnlySpan<byte> value) => Exactly(value, 1)[0] != 0;

    public static sbyte ReadTinyInt(ReadOnlySpan<byte> value) => (sbyte)Exactly(value, 1)[0];

    public static short ReadSmallInt(ReadOnlySpan<byte> value) => BinaryPrimitives.ReadInt16BigEndian(Exactly(value, 2));

    public static int ReadInt(ReadOnlySpan<byte> value) => BinaryPrimitives.ReadInt32BigEndian(Exactly(value, 4));

    public static long ReadBigint(ReadOnlySpan<byte> value) => BinaryPrimitives.ReadInt64BigEndian(Exactly(value, 8));

    public static float ReadFloat(ReadOnlySpan<byte> value) => BinaryPrimitives.ReadSingleBigEndian(Exactly(value, 4));

    public static double ReadDouble(ReadOnlySpan<byte> value) => BinaryPrimitives.ReadDoubleBigEndian(Exactly(value, 8));

    public static Guid ReadUuid(ReadOnlySpan<byte> value) => new(Exactly(value, 16), bigEndian: true);

    public static TimeUuid ReadTimeUuid(ReadOnlySpan<byte> value)
    {
        Guid id = ReadUuid(value);
        return id.Version == 1 ? TimeUuid.FromGuid(id) : throw new MalformedDataException($"A timeuuid of version {id.Version}.");
    }

    public static LocalDate ReadDate(ReadOnlySpan<byte> value) => new(BinaryPrimitives.ReadUInt32BigEndian(Exactly(value, 4)));

    public static LocalTime ReadTime(ReadOnlySpan<byte> value)
    {
        long nanoseconds = ReadBigint(value);
        return nanoseconds is >= 0 and <= LocalTime.MaxNanoseconds ? new LocalTime(nanoseconds) : throw new MalformedDataException($"A time of {nanoseconds} ns.");
    }

    public static DateTimeOffset ReadTimestamp(ReadOnlySpan<byte> value)
    {
        long milliseconds = ReadBigint(value);
        return milliseconds is >= -62_135_596_800_000 and <= 253_402_300_799_999
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : throw new InvalidTypeException($"The timestamp of {milliseconds} ms since 1970 is outside .NET's range; read it as long.");
    }

    public static IPAddress ReadInet(ReadOnlySpan<byte> value) =>
        value.Length is 4 or 16 ? new IPAddress(value) : throw new MalformedDataException($"An inet of {value.Length} bytes.");

    public static BigInteger ReadVarint(ReadOnlySpan<byte> value) => value.Length is > 0 and <= MaxBigIntegerBytes
        ? new BigInteger(value, isUnsigned: false, isBigEndian: true)
        : throw new MalformedDataException($"A varint of {value.Length} bytes.");

    /// <summary>Unscaled * 10^-scale, as far as .NET's decimal goes (28 to 29 digits, scale up to 28).</summary>
    public static decimal ReadDecimal(ReadOnlySpan<byte> value)
    {
        (BigInteger unscaled, int scale) = ReadBigDecimal(value);
        while (scale > 28 && !unscaled.IsZero && unscaled % 10 == 0)
        {
            (unscaled, scale) = (unscaled / 10, scale - 1);
        }
        if (unscaled.IsZero)
        {
            return new decimal(0, 0, 0, false, (byte)Math.Clamp(scale, 0, 28));
        }
        if (scale is < 0 and >= -28)
        {
            (unscaled, scale) = (unscaled * BigInteger.Pow(10, -scale), 0);
        }
        if (scale is < 0 or > 28 || BigInteger.Abs(unscaled) > (BigInteger)decimal.MaxValue)
        {
            throw new InvalidTypeException($"The decimal of scale {scale} does not fit System.Decimal; read it as (BigInteger, int).");
        }
        decimal whole = (decimal)BigInteger.Abs(unscaled);
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(whole, bits);
        return new decimal(bits[0], bits[1], bits[2], unscaled.Sign < 0, (byte)scale);
    }

    public static (BigInteger Unscaled, int Scale) ReadBigDecimal(ReadOnlySpan<byte> value) =>
        value.Length > 4 ? (ReadVarint(value[4..]), BinaryPrimitives.ReadInt32BigEndian(value)) : throw new MalformedDataException($"A decimal of {value.Length} bytes.");

    public static Duration ReadDuration(ReadOnlySpan<byte> value)
    {
        CqlReader reader = new(value);
        long months = reader.ReadVint();
        long days = reader.ReadVint();
        long nanoseconds = reader.ReadVint();
        bool mixed = (months < 0 || days < 0 || nanoseconds < 0) && (months > 0 || days > 0 || nanoseconds > 0);
        return months == (int)months && days == (int)days && !mixed
            ? new Duration((int)months, (int)days, nanoseconds)
            : throw new MalformedDataException("A duration out of range or of mixed signs.");
    }

    public static string ReadText(ReadOnlySpan<byte> value)
    {
        try
        {
            return StrictUtf8.GetString(value);
        }
        catch (DecoderFallbackException)
        {
            throw new MalformedDataException("A text that is not UTF-8.");
        }
    }

    /// <summary>Where a CQL type has no more natural .NET type, this one.</summary>
    public static object Read(ReadOnlySpan<byte> value, ColumnTypeCode code) => code switch
    {
        ColumnTypeCode.Ascii or ColumnTypeCode.Text or ColumnTypeCode.Varchar => ReadText(value),
        ColumnTypeCode.Bigint or ColumnTypeCode.Counter => ReadBigint(value),
        ColumnTypeCode.Blob or ColumnTypeCode.Custom => value.ToArray(),
        ColumnTypeCode.Boolean => ReadBoolean(value),
        ColumnTypeCode.Decimal => ReadDecimal(value),
        ColumnTypeCode.Double => ReadDouble(value),
        ColumnTypeCode.Float => ReadFloat(value),
        ColumnTypeCode.Int => ReadInt(value),
        ColumnTypeCode.Timestamp => ReadTimestamp(value),
        ColumnTypeCode.Uuid => ReadUuid(value),
        ColumnTypeCode.Timeuuid => ReadTimeUuid(value),
        ColumnTypeCode.Varint => ReadVarint(value),
        ColumnTypeCode.Inet => ReadInet(value),
        ColumnTypeCode.Date => ReadDate(value),
        ColumnTypeCode.Time => ReadTime(value),
        ColumnTypeCode.SmallInt => ReadSmallInt(value),
        ColumnTypeCode.TinyInt => ReadTinyInt(value),
        ColumnTypeCode.Duration => ReadDuration(value),
        _ => throw new InvalidTypeException($"{code} is no scalar."),
    };

    /// <summary>Bytes of a fixed-width scalar; -1 for the others. As the server's valueLengthIfFixed counts within vectors, which differs from what one might think.</summary>
    public static int FixedSize(ColumnTypeCode code) => code switch
    {
        ColumnTypeCode.Boolean => 1,
        ColumnTypeCode.Int or ColumnTypeCode.Float => 4,
        ColumnTypeCode.Bigint or ColumnTypeCode.Double or ColumnTypeCode.Timestamp => 8,
        ColumnTypeCode.Uuid or ColumnTypeCode.Timeuuid => 16,
        _ => -1,
    };

    public static void WriteTimestamp(DateTimeOffset value, CqlWriter to) => to.WriteLong(value.ToUnixTimeMilliseconds());

    public static void WriteDate(LocalDate value, CqlWriter to) => to.WriteInt((int)value.DaysSinceEpochCentered);

    public static void WriteVarint(BigInteger value, CqlWriter to)
    {
        int bytes = value.GetByteCount();
        if (bytes > MaxBigIntegerBytes)
        {
            throw new InvalidTypeException($"A varint of {bytes} bytes is over the limit of {MaxBigIntegerBytes}.");
        }
        value.TryWriteBytes(to.Reserve(bytes), out _, isUnsigned: false, isBigEndian: true);
    }

    public static void WriteDecimal(decimal value, CqlWriter to)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        BigInteger unscaled = new BigInteger(new decimal(bits[0], bits[1], bits[2], false, 0));
        WriteBigDecimal(value < 0 ? -unscaled : unscaled, value.Scale, to);
    }

    public static void WriteBigDecimal(BigInteger unscaled, int scale, CqlWriter to)
    {
        to.WriteInt(scale);
        WriteVarint(unscaled, to);
    }

    public static void WriteDuration(Duration value, CqlWriter to)
    {
        to.WriteVint(value.Months);
        to.WriteVint(value.Days);
        to.WriteVint(value.Nanoseconds);
    }

    public static void WriteInet(IPAddress value, CqlWriter to)
    {
        int bytes = value.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 4 : 16;
        value.TryWriteBytes(to.Reserve(bytes), out _);
    }

    public static void WriteText(string value, CqlWriter to)
    {
        try
        {
            StrictUtf8.GetBytes(value, to.Reserve(StrictUtf8.GetByteCount(value)));
        }
        catch (EncoderFallbackException)
        {
            throw new InvalidTypeException("A text with half a surrogate pair has no UTF-8.");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ReadOnlySpan<byte> Exactly(ReadOnlySpan<byte> value, int bytes) => value.Length == bytes ? value : throw Wrong(value.Length, bytes);

    private static MalformedDataException Wrong(int length, int bytes) => new($"A value of {length} bytes where {bytes} are due.");
}
