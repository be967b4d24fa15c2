using System.Net;
using System.Numerics;
using Cassandra;
using Cassandra.Codec;
using Cassandra.Protocol;
using FsCheck;
using FsCheck.Fluent;

namespace StreamPlatform.Tests.Unit.Cassandra;

/// <summary>Generates every CQL type, nested, and values of it.</summary>
internal static class CqlValues
{
    public static readonly ColumnTypeCode[] Scalars =
    [
        ColumnTypeCode.Ascii, ColumnTypeCode.Bigint, ColumnTypeCode.Blob, ColumnTypeCode.Boolean, ColumnTypeCode.Counter, ColumnTypeCode.Date, ColumnTypeCode.Decimal,
        ColumnTypeCode.Double, ColumnTypeCode.Duration, ColumnTypeCode.Float, ColumnTypeCode.Inet, ColumnTypeCode.Int, ColumnTypeCode.SmallInt, ColumnTypeCode.Text,
        ColumnTypeCode.Time, ColumnTypeCode.Timestamp, ColumnTypeCode.Timeuuid, ColumnTypeCode.TinyInt, ColumnTypeCode.Uuid, ColumnTypeCode.Varchar, ColumnTypeCode.Varint,
    ];

    public static Gen<(CqlType Type, object Value)> Typed => Types(3).SelectMany(type => Gen.Choose(0, int.MaxValue).Select(seed => (type, Value(type, new Random(seed)))));

    public static Gen<CqlType> Types(int depth) => depth == 0
        ? Gen.Elements(Scalars).Select(CqlType.Of)
        : Gen.Frequency(
            (3, Types(0)),
            (1, Types(depth - 1).Select(CqlType.List)),
            (1, Types(depth - 1).Select(CqlType.Set)),
            (1, Types(0).SelectMany(key => Types(depth - 1).Select(value => CqlType.Map(key, value)))),
            (1, Gen.NonEmptyListOf(Types(depth - 1)).Select(parts => CqlType.Tuple([.. parts.Take(9)]))),
            (1, Types(depth - 1).SelectMany(element => Gen.Choose(1, 20).Select(n => CqlType.Vector(element, n)))),
            (1, Gen.NonEmptyListOf(Types(depth - 1)).Select(fields => CqlType.Udt("ks", "t", [.. fields.Select((_, i) => $"f{i}")], [.. fields]))));

    public static object Value(CqlType type, Random random) => type.Code switch
    {
        ColumnTypeCode.List => Items(type.Elements[0], random.Next(6), random),
        ColumnTypeCode.Set => Activator.CreateInstance(ClrTypes.Of(type, nullable: false), Items(type.Elements[0], random.Next(6), random))!,
        ColumnTypeCode.Map => Map(type, random),
        ColumnTypeCode.Tuple => Tuple(type, random),
        ColumnTypeCode.Udt => type.FieldNames.Zip(type.Elements).ToDictionary(f => f.First, f => random.Next(5) == 0 ? null : Value(f.Second, random)),
        ColumnTypeCode.Vector => Activator.CreateInstance(ClrTypes.Of(type, nullable: false), Items(type.Elements[0], type.Dimensions, random))!,
        _ => Scalar(type.Code, random),
    };

    public static object Scalar(ColumnTypeCode code, Random random) => code switch
    {
        ColumnTypeCode.Ascii => new string([.. Enumerable.Range(0, random.Next(20)).Select(_ => (char)random.Next(128))]),
        ColumnTypeCode.Text or ColumnTypeCode.Varchar => string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ => random.Next(3) switch { 0 => "ä", 1 => "🎉", _ => "x" })),
        ColumnTypeCode.Bigint or ColumnTypeCode.Counter => random.NextInt64(long.MinValue, long.MaxValue),
        ColumnTypeCode.Blob => Bytes(random.Next(50), random),
        ColumnTypeCode.Boolean => random.Next(2) == 0,
        ColumnTypeCode.Date => new LocalDate((uint)random.NextInt64(0, 1L << 32)),
        ColumnTypeCode.Decimal => new decimal(random.Next(), random.Next(), random.Next(), random.Next(2) == 0, (byte)random.Next(29)),
        ColumnTypeCode.Double => BitConverter.Int64BitsToDouble(random.NextInt64(0, 0x7FE0000000000000)),
        ColumnTypeCode.Duration => new Duration(-random.Next(), -random.Next(), -random.NextInt64()),
        ColumnTypeCode.Float => (float)((random.NextDouble() - 0.5) * 1e30),
        ColumnTypeCode.Inet => new IPAddress(Bytes(random.Next(2) == 0 ? 4 : 16, random)),
        ColumnTypeCode.Int => random.Next(int.MinValue, int.MaxValue),
        ColumnTypeCode.SmallInt => (short)random.Next(short.MinValue, short.MaxValue),
        ColumnTypeCode.Time => new LocalTime(random.NextInt64(0, LocalTime.MaxNanoseconds)),
        ColumnTypeCode.Timestamp => DateTimeOffset.FromUnixTimeMilliseconds(random.NextInt64(-62_135_596_800_000, 253_402_300_799_999)),
        ColumnTypeCode.Timeuuid => TimeUuid.NewId(Bytes(6, random), Bytes(2, random), DateTimeOffset.FromUnixTimeMilliseconds(random.NextInt64(0, 4_000_000_000_000))),
        ColumnTypeCode.TinyInt => (sbyte)random.Next(-128, 128),
        ColumnTypeCode.Uuid => new Guid(Bytes(16, random)),
        ColumnTypeCode.Varint => new BigInteger(Bytes(random.Next(1, 40), random)),
        _ => throw new ArgumentOutOfRangeException(nameof(code)),
    };

    private static byte[] Bytes(int count, Random random)
    {
        byte[] bytes = count == 0 ? [] : new byte[count]; // one empty array, as when read: keys of maps are compared by reference
        random.NextBytes(bytes);
        return bytes;
    }

    private static Array Items(CqlType element, int count, Random random)
    {
        Array items = Array.CreateInstance(ClrTypes.Of(element, nullable: false), count);
        for (int i = 0; i < count; i++)
        {
            items.SetValue(Value(element, random), i);
        }
        return items;
    }

    private static object Map(CqlType type, Random random)
    {
        System.Collections.IDictionary map = (System.Collections.IDictionary)Activator.CreateInstance(ClrTypes.Of(type, nullable: false))!;
        for (int n = random.Next(6); n > 0; n--)
        {
            map[Value(type.Elements[0], random)] = Value(type.Elements[1], random);
        }
        return map;
    }

    private static object Tuple(CqlType type, Random random)
    {
        object?[] parts = [.. type.Elements.Select(element => random.Next(5) == 0 ? null : Value(element, random))];
        Type clr = ClrTypes.Of(type, nullable: false);
        return clr == typeof(object?[]) ? parts : Activator.CreateInstance(clr, parts)!;
    }
}
