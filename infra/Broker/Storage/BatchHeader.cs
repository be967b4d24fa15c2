using System.Buffers.Binary;

namespace StreamPlatform.Broker.Storage;

/// <summary>
/// The 61-byte header of a record batch, format v2 (org.apache.kafka.common.record.DefaultRecordBatch):
/// baseOffset int64 · batchLength int32 (bytes after this field) · partitionLeaderEpoch int32 · magic int8 · crc uint32 (CRC-32C of all after it) ·
/// attributes int16 · lastOffsetDelta int32 · baseTimestamp int64 · maxTimestamp int64 · producerId int64 · producerEpoch int16 · baseSequence int32 · recordCount int32.
/// </summary>
public readonly record struct BatchHeader(
    long BaseOffset, int BatchLength, int LeaderEpoch, byte Magic, uint Crc, short Attributes, int LastOffsetDelta,
    long BaseTimestampMs, long MaxTimestampMs, long ProducerId, short ProducerEpoch, int BaseSequence, int RecordCount)
{
    public const int Size = 61;
    /// <summary>baseOffset and batchLength: what batchLength does not count.</summary>
    public const int Overhead = 12;
    public const int LeaderEpochAt = 12;
    public const int MagicAt = 16;
    public const int CrcAt = 17;
    public const int AttributesAt = 21;
    public const int MaxTimestampAt = 35;

    public const short CodecMask = 0x07;
    public const short LogAppendTimeFlag = 0x08;
    public const short TransactionalFlag = 0x10;
    public const short ControlFlag = 0x20;

    public int TotalBytes => BatchLength + Overhead;
    public long LastOffset => BaseOffset + LastOffsetDelta;
    public int Codec => Attributes & CodecMask;
    public bool IsLogAppendTime => (Attributes & LogAppendTimeFlag) != 0;
    public bool IsTransactional => (Attributes & TransactionalFlag) != 0;
    public bool IsControl => (Attributes & ControlFlag) != 0;
    public bool HasProducer => ProducerId >= 0;
    /// <summary>Sequences wrap from 2^31-1 to 0.</summary>
    public int LastSequence => BaseSequence < 0 ? -1 : ProducerSequence.Add(BaseSequence, LastOffsetDelta);

    /// <summary>Parses at least <see cref="Size"/> bytes; checks nothing.</summary>
    public static BatchHeader Parse(ReadOnlySpan<byte> b) => new(
        BinaryPrimitives.ReadInt64BigEndian(b),
        BinaryPrimitives.ReadInt32BigEndian(b[8..]),
        BinaryPrimitives.ReadInt32BigEndian(b[LeaderEpochAt..]),
        b[MagicAt],
        BinaryPrimitives.ReadUInt32BigEndian(b[CrcAt..]),
        BinaryPrimitives.ReadInt16BigEndian(b[AttributesAt..]),
        BinaryPrimitives.ReadInt32BigEndian(b[23..]),
        BinaryPrimitives.ReadInt64BigEndian(b[27..]),
        BinaryPrimitives.ReadInt64BigEndian(b[MaxTimestampAt..]),
        BinaryPrimitives.ReadInt64BigEndian(b[43..]),
        BinaryPrimitives.ReadInt16BigEndian(b[51..]),
        BinaryPrimitives.ReadInt32BigEndian(b[53..]),
        BinaryPrimitives.ReadInt32BigEndian(b[57..]));

    /// <summary>True if the CRC over everything after it matches; <paramref name="batch"/> is the whole batch.</summary>
    public bool CrcMatches(ReadOnlySpan<byte> batch) => Crc32C.Compute(batch[AttributesAt..TotalBytes]) == Crc;
}

/// <summary>Arithmetic of producer sequences: 0 to 2^31-1, then 0 again.</summary>
public static class ProducerSequence
{
    public static int Add(int sequence, int count) => (int)(((long)sequence + count) % (1L + int.MaxValue));
}
