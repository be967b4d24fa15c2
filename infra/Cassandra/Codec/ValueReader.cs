using System.Buffers.Binary;
using System.Collections;
using System.Numerics;
using Cassandra.Protocol;

namespace Cassandra.Codec;

/// <summary>
/// CQL values to .NET values. Without a wanted type: list is T[], set is HashSet, map is Dictionary, tuple is ValueTuple (object?[] from eight components on),
/// UDT is a dictionary by field name, vector is CqlVector. Wanted types may be any that these can be assigned to, and the usual relatives (DateOnly, Guid of a timeuuid, List, long of an int).
/// </summary>
internal static class ValueReader
{
    private const int MaxDepth = 32;

    /// <summary>Null only where the bytes are: an empty value of a type that has no empty form is null too, as the official driver reads it.</summary>
    public static T? Read<T>(ReadOnlySpan<byte> value, CqlType type)
    {
        if (typeof(T) == typeof(int) && type.Code == ColumnTypeCode.Int)
        {
            return (T)(object)ScalarCodec.ReadInt(value);
        }
        if (typeof(T) == typeof(long) && (type.Code == ColumnTypeCode.Bigint || type.Code == ColumnTypeCode.Counter || type.Code == ColumnTypeCode.Timestamp))
        {
            return (T)(object)ScalarCodec.ReadBigint(value);
        }
        if (typeof(T) == typeof(float) && type.Code == ColumnTypeCode.Float)
        {
            return (T)(object)ScalarCodec.ReadFloat(value);
        }
        if (typeof(T) == typeof(double) && type.Code == ColumnTypeCode.Double)
        {
            return (T)(object)ScalarCodec.ReadDouble(value);
        }
        if (typeof(T) == typeof(bool) && type.Code == ColumnTypeCode.Boolean)
        {
            return (T)(object)ScalarCodec.ReadBoolean(value);
        }
        if (typeof(T) == typeof(Guid) && (type.Code == ColumnTypeCode.Uuid || type.Code == ColumnTypeCode.Timeuuid))
        {
            return (T)(object)ScalarCodec.ReadUuid(value);
        }
        if (typeof(T) == typeof(DateTimeOffset) && type.Code == ColumnTypeCode.Timestamp)
        {
            return (T)(object)ScalarCodec.ReadTimestamp(value);
        }
        if (typeof(T) == typeof((BigInteger, int)) && type.Code == ColumnTypeCode.Decimal)
        {
            return (T)(object)ScalarCodec.ReadBigDecimal(value);
        }
        return (T?)ValueConversion.To(Read(value, type), typeof(T), type);
    }

    public static object? Read(ReadOnlySpan<byte> value, CqlType type) => Read(value, type, 0);

    private static object? Read(ReadOnlySpan<byte> value, CqlType type, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new MalformedDataException($"A value nested more than {MaxDepth} deep.");
        }
        return type.Code switch
        {
            ColumnTypeCode.List => ReadList(value, type, depth),
            ColumnTypeCode.Set => ReadSet(value, type, depth),
            ColumnTypeCode.Map => ReadMap(value, type, depth),
            ColumnTypeCode.Tuple => ReadTuple(value, type, depth),
            ColumnTypeCode.Udt => ReadUdt(value, type, depth),
            ColumnTypeCode.Vector => ReadVector(value, type, depth),
            _ => value.IsEmpty && !HasEmptyForm(type.Code) ? null : ScalarCodec.Read(value, type.Code),
        };
    }

    private static bool HasEmptyForm(ColumnTypeCode code) =>
        code is ColumnTypeCode.Ascii or ColumnTypeCode.Text or ColumnTypeCode.Varchar or ColumnTypeCode.Blob or ColumnTypeCode.Custom;

    private static Array ReadList(ReadOnlySpan<byte> value, CqlType type, int depth)
    {
        CqlReader reader = new(value);
        int count = reader.ReadCount(4);
        Array list = Array.CreateInstance(ClrTypes.Of(type.Elements[0], nullable: false), count);
        for (int i = 0; i < count; i++)
        {
            list.SetValue(ReadElement(ref reader, type.Elements[0], depth), i);
        }
        return list;
    }

    private static object ReadSet(ReadOnlySpan<byte> value, CqlType type, int depth)
    {
        Array list = ReadList(value, type, depth);
        return Activator.CreateInstance(ClrTypes.Of(type, nullable: false), list)!;
    }

    private static IDictionary ReadMap(ReadOnlySpan<byte> value, CqlType type, int depth)
    {
        CqlReader reader = new(value);
        int count = reader.ReadCount(8);
        IDictionary map = (IDictionary)Activator.CreateInstance(ClrTypes.Of(type, nullable: false))!;
        for (int i = 0; i < count; i++)
        {
            object key = ReadElement(ref reader, type.Elements[0], depth);
            map[key] = ReadElement(ref reader, type.Elements[1], depth);
        }
        return map;
    }

    private static object ReadElement(ref CqlReader reader, CqlType type, int depth) =>
        reader.TryReadBytes(out ReadOnlySpan<byte> element) && Read(element, type, depth + 1) is { } item
            ? item
            : throw new MalformedDataException("A null within a collection.");

    /// <summary>Parts at the end may be missing: they are null.</summary>
    private static object?[] ReadParts(ReadOnlySpan<byte> value, CqlType type, int depth)
    {
        CqlReader reader = new(value);
        object?[] parts = new object?[type.Elements.Count];
        for (int i = 0; i < parts.Length && reader.Remaining > 0; i++)
        {
            parts[i] = reader.TryReadBytes(out ReadOnlySpan<byte> part) ? Read(part, type.Elements[i], depth + 1) : null;
        }
        return parts;
    }

    private static object ReadTuple(ReadOnlySpan<byte> value, CqlType type, int depth)
    {
        object?[] parts = ReadParts(value, type, depth);
        Type clr = ClrTypes.Of(type, nullable: false);
        return clr == typeof(object?[]) ? parts : Activator.CreateInstance(clr, parts)!;
    }

    private static Dictionary<string, object?> ReadUdt(ReadOnlySpan<byte> value, CqlType type, int depth)
    {
        object?[] parts = ReadParts(value, type, depth);
        Dictionary<string, object?> fields = new(parts.Length, StringComparer.Ordinal);
        for (int i = 0; i < parts.Length; i++)
        {
            fields[type.FieldNames[i]] = parts[i];
        }
        return fields;
    }

    private static object ReadVector(ReadOnlySpan<byte> value, CqlType type, int depth)
    {
        CqlType element = type.Elements[0];
        int size = VectorLayout.FixedSize(element);
        CqlReader reader = new(value);
        if (size >= 0 ? (long)size * type.Dimensions != value.Length : type.Dimensions > value.Length)
        {
            throw new MalformedDataException($"A vector of {type.Dimensions} elements in {value.Length} bytes.");
        }
        if (element.Code == ColumnTypeCode.Float)
        {
            float[] floats = new float[type.Dimensions];
            for (int i = 0; i < floats.Length; i++)
            {
                floats[i] = BinaryPrimitives.ReadSingleBigEndian(value[(i * 4)..]);
            }
            return new CqlVector<float>(floats);
        }
        Array items = Array.CreateInstance(ClrTypes.Of(element, nullable: false), type.Dimensions);
        for (int i = 0; i < items.Length; i++)
        {
            ulong length = size >= 0 ? (ulong)size : reader.ReadUnsignedVint();
            ReadOnlySpan<byte> item = reader.ReadRaw(length <= int.MaxValue ? (int)length : -1);
            items.SetValue(Read(item, element, depth + 1) ?? throw new MalformedDataException("A null within a vector."), i);
        }
        if (reader.Remaining > 0)
        {
            throw new MalformedDataException("More bytes than a vector has elements.");
        }
        return Activator.CreateInstance(ClrTypes.Of(type, nullable: false), items)!;
    }
}
