using System.Net;
using System.Numerics;
using Cassandra;
using Cassandra.Codec;
using Cassandra.Protocol;
using FsCheck;
using FsCheck.Fluent;

namespace StreamPlatform.Tests.Unit.Cassandra;

public sealed class ValueCodecTests
{
    [Fact]
    public void Values_of_every_type_come_back_as_written() => Prop.ForAll(CqlValues.Typed.ToArbitrary(), typed =>
    {
        byte[] bytes = ValueWriter.ToBytes(typed.Value, typed.Type);
        object? back = ValueReader.Read(bytes, typed.Type);
        Assert.Equal(Convert.ToHexString(bytes), Convert.ToHexString(ValueWriter.ToBytes(back, typed.Type)));
        if (typed.Type.Elements.Count == 0)
        {
            Assert.Equal(typed.Value, back);
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Fact]
    public void Cut_and_flipped_values_are_values_or_errors_and_never_more() => Prop.ForAll(CqlValues.Typed.ToArbitrary(), Gen.Choose(0, int.MaxValue).ToArbitrary(), (typed, seed) =>
    {
        Random random = new(seed);
        byte[] bytes = ValueWriter.ToBytes(typed.Value, typed.Type);
        for (int i = 0; i < 20; i++)
        {
            byte[] damaged = bytes[..random.Next(bytes.Length + 1)];
            for (int flips = random.Next(4); flips > 0 && damaged.Length > 0; flips--)
            {
                damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            }
            long before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                ValueReader.Read(damaged, typed.Type);
            }
            catch (DriverException)
            {
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        }
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(500));

    [Theory]
    [InlineData("0", "00")]
    [InlineData("1", "01")]
    [InlineData("127", "7F")]
    [InlineData("128", "0080")]
    [InlineData("129", "0081")]
    [InlineData("-1", "FF")]
    [InlineData("-128", "80")]
    [InlineData("-129", "FF7F")]
    public void Varints_are_those_of_the_specification(string value, string hex) =>
        Assert.Equal(hex, Convert.ToHexString(ValueWriter.ToBytes(BigInteger.Parse(value), CqlType.Of(ColumnTypeCode.Varint))));

    [Fact]
    public void Vints_are_those_of_the_specification()
    {
        using CqlWriter writer = new();
        writer.WriteUnsignedVint(256_000);
        Assert.Equal("C3E800", Convert.ToHexString(writer.WrittenSpan)); // [110]00011 11101000 00000000
        foreach (ulong value in (ulong[])[0, 1, 127, 128, 16_383, 16_384, (1UL << 56) - 1, 1UL << 56, ulong.MaxValue])
        {
            writer.Clear();
            writer.WriteUnsignedVint(value);
            Assert.Equal(value, new CqlReader(writer.WrittenSpan).ReadUnsignedVint());
        }
        foreach (long value in (long[])[0, -1, 1, -2, long.MinValue, long.MaxValue])
        {
            writer.Clear();
            writer.WriteVint(value);
            Assert.Equal(value, new CqlReader(writer.WrittenSpan).ReadVint());
        }
    }

    [Fact]
    public void Dates_count_from_the_middle()
    {
        Assert.Equal("80000000", Convert.ToHexString(ValueWriter.ToBytes(new DateOnly(1970, 1, 1), CqlType.Of(ColumnTypeCode.Date))));
        Assert.Equal(new DateOnly(2024, 2, 29), ValueReader.Read<DateOnly>(ValueWriter.ToBytes(new LocalDate(2024, 2, 29), CqlType.Of(ColumnTypeCode.Date)), CqlType.Of(ColumnTypeCode.Date)));
    }

    [Fact]
    public void Decimals_keep_digits_and_scale()
    {
        CqlType type = CqlType.Of(ColumnTypeCode.Decimal);
        foreach (decimal value in (decimal[])[0m, 0.00m, 1.5m, -1.50m, decimal.MaxValue, decimal.MinValue, 0.0000000000000000000000000001m])
        {
            decimal back = ValueReader.Read<decimal>(ValueWriter.ToBytes(value, type), type);
            Assert.Equal((value, value.Scale), (back, back.Scale));
        }
        byte[] wide = ValueWriter.ToBytes((BigInteger.Pow(10, 50), 3), type);
        Assert.Throws<InvalidTypeException>(() => ValueReader.Read<decimal>(wide, type));
        Assert.Equal((BigInteger.Pow(10, 50), 3), ValueReader.Read<(BigInteger, int)>(wide, type));
        Assert.Equal(12_000m, ValueReader.Read<decimal>(ValueWriter.ToBytes(((BigInteger)12, -3), type), type));
    }

    [Fact]
    public void Vectors_pack_fixed_elements_and_count_the_others()
    {
        Assert.Equal("3F80000040000000", Convert.ToHexString(ValueWriter.ToBytes(new CqlVector<float>(1, 2), CqlType.Vector(CqlType.Of(ColumnTypeCode.Float), 2))));
        Assert.Equal("0161026263", Convert.ToHexString(ValueWriter.ToBytes((string[])["a", "bc"], CqlType.Vector(CqlType.Of(ColumnTypeCode.Text), 2))));
        Assert.Throws<InvalidTypeException>(() => ValueWriter.ToBytes(new CqlVector<float>(1), CqlType.Vector(CqlType.Of(ColumnTypeCode.Float), 2)));
    }

    [Fact]
    public void Collections_are_read_as_what_is_asked_for()
    {
        CqlType list = CqlType.List(CqlType.Of(ColumnTypeCode.Int));
        byte[] bytes = ValueWriter.ToBytes((int[])[3, 1, 2], list);
        Assert.Equal([3, 1, 2], ValueReader.Read<List<int>>(bytes, list)!);
        Assert.Equal([3L, 1, 2], ValueReader.Read<IReadOnlyList<long>>(bytes, list)!);
        Assert.Equal([1, 2, 3], ValueReader.Read<SortedSet<int>>(bytes, list)!);
        CqlType map = CqlType.Map(CqlType.Of(ColumnTypeCode.Text), list);
        byte[] mapBytes = ValueWriter.ToBytes(new Dictionary<string, int[]> { ["a"] = [1] }, map);
        Assert.Equal([1], ValueReader.Read<SortedDictionary<string, List<int>>>(mapBytes, map)!["a"]);
        CqlType tuple = CqlType.Tuple(CqlType.Of(ColumnTypeCode.Int), CqlType.Of(ColumnTypeCode.Text));
        byte[] tupleBytes = ValueWriter.ToBytes((5, (string?)null), tuple);
        Assert.Equal(Tuple.Create(5, (string?)null), ValueReader.Read<Tuple<int, string?>>(tupleBytes, tuple));
        Assert.Equal((5, null), ValueReader.Read<(int, string?)>(tupleBytes, tuple));
    }

    [Fact]
    public void A_type_that_does_not_fit_is_named()
    {
        Assert.Contains("String", Assert.Throws<InvalidTypeException>(() => ValueWriter.ToBytes("5", CqlType.Of(ColumnTypeCode.Int))).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidTypeException>(() => ValueWriter.ToBytes("ä", CqlType.Of(ColumnTypeCode.Ascii)));
        Assert.Throws<InvalidTypeException>(() => ValueWriter.ToBytes("\ud800", CqlType.Of(ColumnTypeCode.Text)));
        Assert.Throws<InvalidTypeException>(() => ValueWriter.ToBytes(new string?[] { null }, CqlType.List(CqlType.Of(ColumnTypeCode.Text))));
        Assert.Throws<InvalidTypeException>(() => ValueReader.Read<int>(new byte[8], CqlType.Of(ColumnTypeCode.Bigint)));
        Assert.Throws<MalformedDataException>(() => ValueReader.Read<int>(new byte[3], CqlType.Of(ColumnTypeCode.Int)));
        Assert.Throws<MalformedDataException>(() => ValueReader.Read(new byte[17], CqlType.Of(ColumnTypeCode.Inet)));
    }

    [Fact]
    public void Addresses_are_four_or_sixteen_bytes()
    {
        CqlType type = CqlType.Of(ColumnTypeCode.Inet);
        Assert.Equal(4, ValueWriter.ToBytes(IPAddress.Loopback, type).Length);
        Assert.Equal(IPAddress.IPv6Loopback, ValueReader.Read<IPAddress>(ValueWriter.ToBytes(IPAddress.IPv6Loopback, type), type));
    }

    [Theory]
    [InlineData("org.apache.cassandra.db.marshal.VectorType(org.apache.cassandra.db.marshal.FloatType, 3)", ColumnTypeCode.Vector)]
    [InlineData("org.apache.cassandra.db.marshal.VectorType(org.apache.cassandra.db.marshal.ListType(org.apache.cassandra.db.marshal.UTF8Type), 2)", ColumnTypeCode.Vector)]
    [InlineData("org.apache.cassandra.db.marshal.UserType(ks,6e616d65,61:org.apache.cassandra.db.marshal.Int32Type)", ColumnTypeCode.Udt)]
    [InlineData("org.apache.cassandra.db.marshal.DynamicCompositeType(b=>org.apache.cassandra.db.marshal.BytesType)", ColumnTypeCode.Custom)]
    [InlineData("VectorType(FloatType, 99999999999)", ColumnTypeCode.Custom)]
    [InlineData("ListType(", ColumnTypeCode.Custom)]
    public void Class_names_become_types(string name, ColumnTypeCode code) => Assert.Equal(code, ClassNameParser.Parse(name).Code);

    [Fact]
    public void Timeuuids_keep_their_moment()
    {
        DateTimeOffset moment = new(2026, 11, 28, 12, 0, 0, 123, TimeSpan.Zero);
        TimeUuid id = TimeUuid.NewId(moment);
        Assert.Equal((moment, 1), (id.GetDate(), id.ToGuid().Version));
        Assert.NotEqual(id, TimeUuid.NewId(moment));
    }

    [Fact]
    public void Encoded_values_tell_null_and_unset_from_empty()
    {
        using CqlWriter writer = new();
        writer.WriteBytes([]);
        writer.WriteNull();
        writer.WriteUnset();
        EncodedValues values = new(3, writer.ToArray());
        Assert.Equal(0, values[0]!.Value.Length);
        Assert.False(EncodedValues.IsUnset(values[0]!.Value));
        Assert.Null(values[1]);
        Assert.True(EncodedValues.IsUnset(values[2]!.Value));
    }
}
