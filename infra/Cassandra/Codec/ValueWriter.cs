using System.Collections;
using System.Net;
using System.Numerics;
using System.Runtime.CompilerServices;
using Cassandra.Protocol;

namespace Cassandra.Codec;

/// <summary>.NET values to CQL values: typed and without boxing where the pair is a usual one, by the object's own type else.</summary>
internal static class ValueWriter
{
    private const int MaxDepth = 32;

    /// <summary>A [value]: length, then bytes. Null is CQL null.</summary>
    public static void Write<T>(T value, CqlType type, CqlWriter to)
    {
        if (value is null)
        {
            to.WriteNull();
            return;
        }
        int at = to.BeginBytes();
        if (!TryWriteTyped(value, type.Code, to))
        {
            WriteBare(value, type, to, 0);
        }
        to.EndBytes(at);
    }

    /// <summary>The bytes alone, as <see cref="EncodedValues"/> and routing keys need them.</summary>
    public static byte[] ToBytes<T>(T value, CqlType type)
    {
        using CqlWriter writer = new();
        Write(value, type, writer);
        return writer.WrittenSpan[4..].ToArray();
    }

    /// <summary>The pairs where T says it all; the compiler leaves only one branch of these for each T that is a struct.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryWriteTyped<T>(T value, ColumnTypeCode code, CqlWriter to)
    {
        if (typeof(T) == typeof(int) && code == ColumnTypeCode.Int)
        {
            to.WriteInt((int)(object)value!);
        }
        else if (typeof(T) == typeof(long) && code is (ColumnTypeCode.Bigint or ColumnTypeCode.Counter or ColumnTypeCode.Timestamp))
        {
            to.WriteLong((long)(object)value!);
        }
        else if (typeof(T) == typeof(float) && code == ColumnTypeCode.Float)
        {
            to.WriteInt(BitConverter.SingleToInt32Bits((float)(object)value!));
        }
        else if (typeof(T) == typeof(double) && code == ColumnTypeCode.Double)
        {
            to.WriteLong(BitConverter.DoubleToInt64Bits((double)(object)value!));
        }
        else if (typeof(T) == typeof(bool) && code == ColumnTypeCode.Boolean)
        {
            to.WriteByte((bool)(object)value! ? (byte)1 : (byte)0);
        }
        else if (typeof(T) == typeof(Guid) && code == ColumnTypeCode.Uuid)
        {
            to.WriteUuid((Guid)(object)value!);
        }
        else if (typeof(T) == typeof(DateTimeOffset) && code == ColumnTypeCode.Timestamp)
        {
            ScalarCodec.WriteTimestamp((DateTimeOffset)(object)value!, to);
        }
        else if (typeof(T) == typeof(LocalDate) && code == ColumnTypeCode.Date)
        {
            ScalarCodec.WriteDate((LocalDate)(object)value!, to);
        }
        else if (typeof(T) == typeof(TimeUuid) && code is ColumnTypeCode.Timeuuid)
        {
            to.WriteUuid(((TimeUuid)(object)value!).ToGuid());
        }
        else
        {
            return false;
        }
        return true;
    }

    private static void WriteElement(object? value, CqlType type, CqlWriter to, int depth, bool nullable)
    {
        if (value is null)
        {
            if (!nullable)
            {
                throw new InvalidTypeException($"No null within a {type.Code} collection.");
            }
            to.WriteNull();
            return;
        }
        int at = to.BeginBytes();
        WriteBare(value, type, to, depth);
        to.EndBytes(at);
    }

    private static void WriteBare(object value, CqlType type, CqlWriter to, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new InvalidTypeException($"A value nested more than {MaxDepth} deep.");
        }
        switch (type.Code)
        {
            case ColumnTypeCode.List or ColumnTypeCode.Set:
                WriteSequence(value, type, to, depth);
                break;
            case ColumnTypeCode.Map:
                WriteMap(value, type, to, depth);
                break;
            case ColumnTypeCode.Tuple:
                WriteTuple(value, type, to, depth);
                break;
            case ColumnTypeCode.Udt:
                WriteUdt(value, type, to, depth);
                break;
            case ColumnTypeCode.Vector:
                WriteVector(value, type, to, depth);
                break;
            default:
                WriteScalar(value, type.Code, to);
                break;
        }
    }

    private static void WriteScalar(object value, ColumnTypeCode code, CqlWriter to)
    {
        switch (code, value)
        {
            case (ColumnTypeCode.Ascii, string ascii):
                WriteAscii(ascii, to);
                break;
            case (ColumnTypeCode.Text or ColumnTypeCode.Varchar, string text):
                ScalarCodec.WriteText(text, to);
                break;
            case (ColumnTypeCode.Bigint or ColumnTypeCode.Counter or ColumnTypeCode.Timestamp, long or int or short or sbyte or byte):
                to.WriteLong(Convert.ToInt64(value, null));
                break;
            case (ColumnTypeCode.Int, int or short or sbyte or byte):
                to.WriteInt(Convert.ToInt32(value, null));
                break;
            case (ColumnTypeCode.SmallInt, short or sbyte or byte):
                to.WriteShort((ushort)Convert.ToInt16(value, null));
                break;
            case (ColumnTypeCode.TinyInt, sbyte tiny):
                to.WriteByte((byte)tiny);
                break;
            case (ColumnTypeCode.Blob or ColumnTypeCode.Custom, byte[] blob):
                to.WriteRaw(blob);
                break;
            case (ColumnTypeCode.Blob or ColumnTypeCode.Custom, ReadOnlyMemory<byte> blob):
                to.WriteRaw(blob.Span);
                break;
            case (ColumnTypeCode.Boolean, bool boolean):
                to.WriteByte(boolean ? (byte)1 : (byte)0);
                break;
            case (ColumnTypeCode.Decimal, decimal number):
                ScalarCodec.WriteDecimal(number, to);
                break;
            case (ColumnTypeCode.Decimal, ValueTuple<BigInteger, int> number):
                ScalarCodec.WriteBigDecimal(number.Item1, number.Item2, to);
                break;
            case (ColumnTypeCode.Double, double or float):
                to.WriteLong(BitConverter.DoubleToInt64Bits(Convert.ToDouble(value, null)));
                break;
            case (ColumnTypeCode.Float, float number):
                to.WriteInt(BitConverter.SingleToInt32Bits(number));
                break;
            case (ColumnTypeCode.Timestamp, DateTimeOffset moment):
                ScalarCodec.WriteTimestamp(moment, to);
                break;
            case (ColumnTypeCode.Timestamp, DateTime moment):
                ScalarCodec.WriteTimestamp(new DateTimeOffset(moment.ToUniversalTime()), to);
                break;
            case (ColumnTypeCode.Uuid, Guid id):
                to.WriteUuid(id);
                break;
            case (ColumnTypeCode.Uuid or ColumnTypeCode.Timeuuid, TimeUuid id):
                to.WriteUuid(id.ToGuid());
                break;
            case (ColumnTypeCode.Timeuuid, Guid id) when id.Version == 1:
                to.WriteUuid(id);
                break;
            case (ColumnTypeCode.Varint, BigInteger number):
                ScalarCodec.WriteVarint(number, to);
                break;
            case (ColumnTypeCode.Varint, long or int or short or sbyte or byte):
                ScalarCodec.WriteVarint(Convert.ToInt64(value, null), to);
                break;
            case (ColumnTypeCode.Inet, IPAddress address):
                ScalarCodec.WriteInet(address, to);
                break;
            case (ColumnTypeCode.Date, LocalDate date):
                ScalarCodec.WriteDate(date, to);
                break;
            case (ColumnTypeCode.Date, DateOnly date):
                ScalarCodec.WriteDate(LocalDate.FromDateOnly(date), to);
                break;
            case (ColumnTypeCode.Time, LocalTime time):
                to.WriteLong(time.TotalNanoseconds);
                break;
            case (ColumnTypeCode.Time, TimeOnly time):
                to.WriteLong(LocalTime.FromTimeOnly(time).TotalNanoseconds);
                break;
            case (ColumnTypeCode.Duration, Duration duration):
                ScalarCodec.WriteDuration(duration, to);
                break;
            default:
                throw new InvalidTypeException($"A {value.GetType().Name} cannot be written as {code}.");
        }
    }

    private static void WriteAscii(string value, CqlWriter to)
    {
        if (!System.Text.Ascii.IsValid(value))
        {
            throw new InvalidTypeException("A text beyond ASCII cannot be written as ascii.");
        }
        to.WriteUtf8(value);
    }

    private static void WriteSequence(object value, CqlType type, CqlWriter to, int depth)
    {
        if (value is not IEnumerable items || value is string)
        {
            throw new InvalidTypeException($"A {value.GetType().Name} cannot be written as {type.Code}.");
        }
        int at = to.Length;
        to.WriteInt(0);
        int count = 0;
        foreach (object? item in items)
        {
            WriteElement(item, type.Elements[0], to, depth + 1, nullable: false);
            count++;
        }
        to.PatchInt(at, count);
    }

    private static void WriteMap(object value, CqlType type, CqlWriter to, int depth)
    {
        if (value is not IDictionary map)
        {
            throw new InvalidTypeException($"A {value.GetType().Name} cannot be written as map: it is no IDictionary.");
        }
        to.WriteInt(map.Count);
        foreach (DictionaryEntry entry in map)
        {
            WriteElement(entry.Key, type.Elements[0], to, depth + 1, nullable: false);
            WriteElement(entry.Value, type.Elements[1], to, depth + 1, nullable: false);
        }
    }

    private static void WriteTuple(object value, CqlType type, CqlWriter to, int depth)
    {
        // Tuples of eight components and more are read as arrays.
        object?[]? array = value as object?[];
        ITuple? tuple = value as ITuple;
        int length = array?.Length ?? tuple?.Length ?? -1;
        if (length < 0 || length > type.Elements.Count)
        {
            throw new InvalidTypeException($"A {value.GetType().Name} cannot be written as tuple of {type.Elements.Count}.");
        }
        for (int i = 0; i < length; i++)
        {
            WriteElement(array is null ? tuple![i] : array[i], type.Elements[i], to, depth + 1, nullable: true);
        }
    }

    /// <summary>By field name; a field that is missing is null.</summary>
    private static void WriteUdt(object value, CqlType type, CqlWriter to, int depth)
    {
        if (value is not IReadOnlyDictionary<string, object?> fields)
        {
            throw new InvalidTypeException($"A {value.GetType().Name} cannot be written as {type.Name}: it is no dictionary of fields.");
        }
        for (int i = 0; i < type.Elements.Count; i++)
        {
            fields.TryGetValue(type.FieldNames[i], out object? field);
            WriteElement(field, type.Elements[i], to, depth + 1, nullable: true);
        }
    }

    private static void WriteVector(object value, CqlType type, CqlWriter to, int depth)
    {
        CqlType element = type.Elements[0];
        int count = 0;
        foreach (object? item in value as IEnumerable ?? throw new InvalidTypeException($"A {value.GetType().Name} cannot be written as vector."))
        {
            WriteVectorElement(item ?? throw new InvalidTypeException("No null within a vector."), element, to, depth);
            count++;
        }
        if (count != type.Dimensions)
        {
            throw new InvalidTypeException($"A vector of {type.Dimensions} elements got {count}.");
        }
    }

    /// <summary>Of fixed width: the bytes alone; else an unsigned vint with their number before them.</summary>
    private static void WriteVectorElement(object item, CqlType element, CqlWriter to, int depth)
    {
        if (VectorLayout.FixedSize(element) >= 0)
        {
            WriteBare(item, element, to, depth + 1);
            return;
        }
        using CqlWriter scratch = new();
        WriteBare(item, element, scratch, depth + 1);
        to.WriteUnsignedVint((ulong)scratch.Length);
        to.WriteRaw(scratch.WrittenSpan);
    }
}
