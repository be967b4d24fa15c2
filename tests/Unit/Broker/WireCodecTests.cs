using System.Text;
using FsCheck;
using FsCheck.Fluent;
using StreamPlatform.Broker.Storage;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Tests.Unit.Broker;

public sealed class WireCodecTests
{
    [Fact]
    public void Numbers_come_back_as_written() => Prop.ForAll<long, int, short>((wide, middle, narrow) =>
    {
        using var writer = new KafkaWriter();
        writer.WriteInt64(wide);
        writer.WriteInt32(middle);
        writer.WriteInt16(narrow);
        writer.WriteInt8((sbyte)narrow);
        writer.WriteVarlong(wide);
        writer.WriteVarint(middle);
        writer.WriteUnsignedVarint((uint)middle);
        writer.WriteUnsignedVarlong((ulong)wide);
        var reader = new KafkaReader(writer.WrittenSpan);
        return reader.ReadInt64() == wide && reader.ReadInt32() == middle && reader.ReadInt16() == narrow && reader.ReadInt8() == (sbyte)narrow
            && reader.ReadVarlong() == wide && reader.ReadVarint() == middle && reader.ReadUnsignedVarint() == (uint)middle
            && reader.ReadUnsignedVarlong() == (ulong)wide && reader.End;
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Texts_bytes_and_arrays_come_back_as_written(bool flexible) => Prop.ForAll<string?, byte[], int[]>((rawText, bytes, numbers) =>
    {
        // lone surrogates have no UTF-8 form
        var text = rawText is null ? null : Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(rawText));
        using var writer = new KafkaWriter(flexible, capacity: 1);
        writer.WriteNullableString(text);
        writer.WriteBytes(bytes);
        writer.WriteNullableBytes(null);
        writer.WriteInt32Array(numbers);
        writer.WriteNullArray();
        writer.WriteEmptyTaggedFields();
        var reader = new KafkaReader(writer.WrittenSpan, flexible);
        var same = reader.ReadNullableString() == text && reader.ReadBytes().SequenceEqual(bytes) && !reader.TryReadNullableBytes(out _)
            && reader.ReadInt32Array().SequenceEqual(numbers) && reader.ReadNullableArrayLength() == -1;
        reader.SkipTaggedFields();
        return same && reader.End;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void A_uuid_is_written_big_endian()
    {
        var id = Guid.Parse("00112233-4455-6677-8899-aabbccddeeff");
        using var writer = new KafkaWriter();
        writer.WriteUuid(id);
        Assert.Equal("00112233445566778899AABBCCDDEEFF", Convert.ToHexString(writer.WrittenSpan));
        Assert.Equal(id, new KafkaReader(writer.WrittenSpan).ReadUuid());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Random_bytes_are_read_or_refused_but_never_overrun(bool flexible) => Prop.ForAll<byte[]>(bytes =>
    {
        foreach (var read in Readers)
        {
            try
            {
                read(new KafkaReader(bytes, flexible));
            }
            catch (MalformedRequestException)
            {
                // the answer to nonsense
            }
        }
    }).QuickCheckThrowOnFailure();

    private delegate void Read(KafkaReader reader);

    private static readonly Read[] Readers =
    [
        reader => reader.ReadString(),
        reader => reader.ReadNullableString(),
        reader => reader.ReadBytes(),
        reader => reader.ReadInt32Array(),
        reader => reader.ReadStringArray(),
        reader => reader.SkipTaggedFields(),
        reader => reader.ReadNullableBytesRange(),
        reader => reader.ReadVarlong(),
        reader => reader.ReadVarint(),
    ];

    [Fact]
    public void A_huge_array_length_is_refused_before_anything_is_allocated()
    {
        using var writer = new KafkaWriter();
        writer.WriteInt32(int.MaxValue);
        var bytes = writer.WrittenMemory.ToArray();
        Assert.Throws<MalformedRequestException>(() => new KafkaReader(bytes).ReadInt32Array());
    }

    [Fact]
    public void Crc32C_of_the_check_string_is_the_published_one() => Assert.Equal(0xE3069283u, Crc32C.Compute("123456789"u8));

    [Fact]
    public void Records_come_back_from_a_batch_as_added() => Prop.ForAll<(byte[]? Key, byte[]? Value, int DeltaMs)[]>(records =>
    {
        const long Base = 1_700_000_000_000;
        if (records.Length == 0)
        {
            return true;
        }
        var builder = new RecordBatchBuilder(Base);
        foreach (var (key, value, delta) in records)
        {
            builder.Add(key is null ? (ReadOnlyMemory<byte>?)null : key, value is null ? (ReadOnlyMemory<byte>?)null : value, Base + delta);
        }
        var batch = builder.Build();
        var header = BatchHeader.Parse(batch);
        var read = RecordBatchReader.Records(header, batch);
        return header.CrcMatches(batch) && header.RecordCount == records.Length && read.Count == records.Length
            && read.Zip(records).All(pair => Same(pair.First.Key, pair.Second.Key) && Same(pair.First.Value, pair.Second.Value)
                && pair.First.TimestampMs == Base + pair.Second.DeltaMs);
    }).QuickCheckThrowOnFailure();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_marker_says_whether_it_commits_and_by_which_coordinator_epoch(bool commit)
    {
        var batch = RecordBatchBuilder.Marker(5, 7, 3, 9, commit);
        var header = BatchHeader.Parse(batch);
        Assert.True(header.IsControl && header.IsTransactional && header.CrcMatches(batch));
        Assert.Equal((commit, 9), RecordBatchReader.Marker(header, batch));
    }

    private static bool Same(ReadOnlyMemory<byte>? left, byte[]? right) =>
        left is null ? right is null : right is not null && left.Value.Span.SequenceEqual(right);
}
