using Cassandra.Protocol;

namespace Cassandra;

/// <summary>Values of statements and rows, by way of the type codec.</summary>
internal static class ValueEncoding
{
    [ThreadStatic]
    private static CqlWriter? writer;

    /// <exception cref="ArgumentException">More values than marks.</exception>
    public static EncodedValues Encode(CqlType[] types, object?[] values)
    {
        if (values.Length > types.Length)
        {
            throw new ArgumentException($"{values.Length} values for {types.Length} marks");
        }
        CqlWriter bytes = writer ??= new CqlWriter(1024);
        bytes.Clear();
        for (int i = 0; i < values.Length; i++)
        {
            if (ReferenceEquals(values[i], Unset.Value))
            {
                bytes.WriteUnset();
            }
            else
            {
                CqlCodec.WriteValue(bytes, types[i], values[i]);
            }
        }
        for (int i = values.Length; i < types.Length; i++)
        {
            bytes.WriteUnset();
        }
        return Finish(types.Length, bytes);
    }

    public static EncodedValues Guess(object?[] values)
    {
        if (values.Length == 0)
        {
            return EncodedValues.Empty;
        }
        CqlWriter bytes = writer ??= new CqlWriter(1024);
        bytes.Clear();
        foreach (object? value in values)
        {
            CqlCodec.WriteValue(bytes, value is null ? CqlType.Of(ColumnTypeCode.Blob) : CqlCodec.Guess(value), value);
        }
        return Finish(values.Length, bytes);
    }

    public static object? Decode(CqlType type, ReadOnlySpan<byte> cell) => CqlCodec.Read(type, cell);

    public static T Decode<T>(CqlType type, ReadOnlySpan<byte> cell) => CqlCodec.Read<T>(type, cell);

    private static EncodedValues Finish(int count, CqlWriter bytes)
    {
        EncodedValues values = new(count, bytes.ToArray());
        if (bytes.Length > 64 << 10)
        {
            bytes.Dispose(); // a thread does not keep what one large value needed
            writer = null;
        }
        return values;
    }
}
