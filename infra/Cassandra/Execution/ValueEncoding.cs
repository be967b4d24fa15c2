using System.Net;
using System.Numerics;
using Cassandra.Codec;
using Cassandra.Protocol;

namespace Cassandra;

/// <summary>Values of statements in wire form.</summary>
internal static class ValueEncoding
{
    private const int KeptBytes = 64 << 10;

    [ThreadStatic]
    private static CqlWriter? writer;

    /// <exception cref="ArgumentException">More values than marks.</exception>
    public static EncodedValues Encode(CqlType[] types, object?[] values)
    {
        if (values.Length > types.Length)
        {
            throw new ArgumentException($"{values.Length} values for {types.Length} marks");
        }
        CqlWriter bytes = Begin();
        for (int i = 0; i < values.Length; i++)
        {
            Write(values[i], types[i], bytes);
        }
        for (int i = values.Length; i < types.Length; i++)
        {
            bytes.WriteUnset();
        }
        return Finish(types.Length, bytes);
    }

    /// <summary>Values whose types nobody has told: .NET's say what they are taken for.</summary>
    public static EncodedValues Guess(object?[] values)
    {
        if (values.Length == 0)
        {
            return EncodedValues.Empty;
        }
        CqlWriter bytes = Begin();
        foreach (object? value in values)
        {
            Write(value, value is null or Unset ? CqlType.Of(ColumnTypeCode.Blob) : TypeOf(value), bytes);
        }
        return Finish(values.Length, bytes);
    }

    private static void Write(object? value, CqlType type, CqlWriter bytes)
    {
        if (value is Unset)
        {
            bytes.WriteUnset();
        }
        else
        {
            ValueWriter.Write(value, type, bytes);
        }
    }

    private static CqlType TypeOf(object value) => value switch
    {
        string => CqlType.Of(ColumnTypeCode.Varchar),
        int => CqlType.Of(ColumnTypeCode.Int),
        long => CqlType.Of(ColumnTypeCode.Bigint),
        short => CqlType.Of(ColumnTypeCode.SmallInt),
        sbyte => CqlType.Of(ColumnTypeCode.TinyInt),
        bool => CqlType.Of(ColumnTypeCode.Boolean),
        float => CqlType.Of(ColumnTypeCode.Float),
        double => CqlType.Of(ColumnTypeCode.Double),
        decimal => CqlType.Of(ColumnTypeCode.Decimal),
        BigInteger => CqlType.Of(ColumnTypeCode.Varint),
        Guid => CqlType.Of(ColumnTypeCode.Uuid),
        TimeUuid => CqlType.Of(ColumnTypeCode.Timeuuid),
        DateTimeOffset or DateTime => CqlType.Of(ColumnTypeCode.Timestamp),
        LocalDate or DateOnly => CqlType.Of(ColumnTypeCode.Date),
        LocalTime or TimeOnly => CqlType.Of(ColumnTypeCode.Time),
        Duration => CqlType.Of(ColumnTypeCode.Duration),
        IPAddress => CqlType.Of(ColumnTypeCode.Inet),
        byte[] or ReadOnlyMemory<byte> => CqlType.Of(ColumnTypeCode.Blob),
        _ => throw new InvalidTypeException($"the CQL type of a {value.GetType().Name} cannot be guessed: prepare the statement"),
    };

    private static CqlWriter Begin()
    {
        CqlWriter bytes = writer ??= new CqlWriter(1024);
        bytes.Clear();
        return bytes;
    }

    private static EncodedValues Finish(int count, CqlWriter bytes)
    {
        EncodedValues values = new(count, bytes.ToArray());
        if (bytes.Length > KeptBytes)
        {
            writer = null; // a thread does not keep what one large value needed
            bytes.Dispose();
        }
        return values;
    }
}
