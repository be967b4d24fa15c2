using System.Net;
using System.Numerics;
using Cassandra.Protocol;

namespace Cassandra.Codec;

/// <summary>The .NET type that a CQL type is read as when none is asked for.</summary>
internal static class ClrTypes
{
    /// <param name="type">The CQL type.</param>
    /// <param name="nullable">Whether a null must fit (parts of tuples).</param>
    public static Type Of(CqlType type, bool nullable)
    {
        Type clr = type.Code switch
        {
            ColumnTypeCode.Ascii or ColumnTypeCode.Text or ColumnTypeCode.Varchar => typeof(string),
            ColumnTypeCode.Bigint or ColumnTypeCode.Counter => typeof(long),
            ColumnTypeCode.Blob or ColumnTypeCode.Custom => typeof(byte[]),
            ColumnTypeCode.Boolean => typeof(bool),
            ColumnTypeCode.Decimal => typeof(decimal),
            ColumnTypeCode.Double => typeof(double),
            ColumnTypeCode.Float => typeof(float),
            ColumnTypeCode.Int => typeof(int),
            ColumnTypeCode.Timestamp => typeof(DateTimeOffset),
            ColumnTypeCode.Uuid => typeof(Guid),
            ColumnTypeCode.Timeuuid => typeof(TimeUuid),
            ColumnTypeCode.Varint => typeof(BigInteger),
            ColumnTypeCode.Inet => typeof(IPAddress),
            ColumnTypeCode.Date => typeof(LocalDate),
            ColumnTypeCode.Time => typeof(LocalTime),
            ColumnTypeCode.SmallInt => typeof(short),
            ColumnTypeCode.TinyInt => typeof(sbyte),
            ColumnTypeCode.Duration => typeof(Duration),
            ColumnTypeCode.List => Of(type.Elements[0], nullable: false).MakeArrayType(),
            ColumnTypeCode.Set => typeof(HashSet<>).MakeGenericType(Of(type.Elements[0], nullable: false)),
            ColumnTypeCode.Map => typeof(Dictionary<,>).MakeGenericType(Of(type.Elements[0], nullable: false), Of(type.Elements[1], nullable: false)),
            ColumnTypeCode.Vector => typeof(CqlVector<>).MakeGenericType(Of(type.Elements[0], nullable: false)),
            ColumnTypeCode.Udt => typeof(Dictionary<string, object?>),
            ColumnTypeCode.Tuple => Tuple(type),
            _ => throw new InvalidTypeException($"No .NET type for {type.Code}."),
        };
        return nullable && clr.IsValueType ? typeof(Nullable<>).MakeGenericType(clr) : clr;
    }

    private static Type Tuple(CqlType type)
    {
        Type[] parts = [.. type.Elements.Select(element => Of(element, nullable: true))];
        return parts.Length switch
        {
            1 => typeof(ValueTuple<>).MakeGenericType(parts),
            2 => typeof(ValueTuple<,>).MakeGenericType(parts),
            3 => typeof(ValueTuple<,,>).MakeGenericType(parts),
            4 => typeof(ValueTuple<,,,>).MakeGenericType(parts),
            5 => typeof(ValueTuple<,,,,>).MakeGenericType(parts),
            6 => typeof(ValueTuple<,,,,,>).MakeGenericType(parts),
            7 => typeof(ValueTuple<,,,,,,>).MakeGenericType(parts),
            _ => typeof(object?[]),
        };
    }
}
