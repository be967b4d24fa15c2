using System.Buffers.Binary;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Storage;

/// <summary>Builds one uncompressed record batch (format v2) for internal topics, control markers and tests. Null value: a tombstone.</summary>
public sealed class RecordBatchBuilder(long timestampMs, long producerId = -1, short producerEpoch = -1, int baseSequence = -1, short attributes = 0)
{
    private readonly KafkaWriter _records = new();
    private long _maxTimestampMs = long.MinValue;
    private int _count;

    public int Count => _count;

    public RecordBatchBuilder Add(ReadOnlyMemory<byte>? key, ReadOnlyMemory<byte>? value, long? recordTimestampMs = null, IReadOnlyList<(string Key, byte[]? Value)>? headers = null)
    {
        using var record = new KafkaWriter();
        var time = recordTimestampMs ?? timestampMs;
        _maxTimestampMs = Math.Max(_maxTimestampMs, time);
        record.WriteInt8(0);
        record.WriteVarlong(time - timestampMs);
        record.WriteVarint(_count);
        WriteVarBytes(record, key);
        WriteVarBytes(record, value);
        record.WriteVarint(headers?.Count ?? 0);
        foreach (var (name, content) in headers ?? [])
        {
            WriteVarBytes(record, System.Text.Encoding.UTF8.GetBytes(name));
            WriteVarBytes(record, content is null ? (ReadOnlyMemory<byte>?)null : content);
        }
        _records.WriteVarint(record.Length);
        _records.WriteRaw(record.WrittenSpan);
        _count++;
        return this;
    }

    /// <summary>The whole batch with base offset 0; the log assigns the real one. Call once.</summary>
    public byte[] Build()
    {
        using var records = _records;
        var batch = new byte[BatchHeader.Size + records.Length];
        var b = batch.AsSpan();
        BinaryPrimitives.WriteInt32BigEndian(b[8..], batch.Length - BatchHeader.Overhead);
        b[BatchHeader.MagicAt] = 2;
        BinaryPrimitives.WriteInt16BigEndian(b[BatchHeader.AttributesAt..], attributes);
        BinaryPrimitives.WriteInt32BigEndian(b[23..], _count - 1);
        BinaryPrimitives.WriteInt64BigEndian(b[27..], timestampMs);
        BinaryPrimitives.WriteInt64BigEndian(b[BatchHeader.MaxTimestampAt..], Math.Max(_maxTimestampMs, timestampMs));
        BinaryPrimitives.WriteInt64BigEndian(b[43..], producerId);
        BinaryPrimitives.WriteInt16BigEndian(b[51..], producerEpoch);
        BinaryPrimitives.WriteInt32BigEndian(b[53..], baseSequence);
        BinaryPrimitives.WriteInt32BigEndian(b[57..], _count);
        records.WrittenSpan.CopyTo(b[BatchHeader.Size..]);
        BinaryPrimitives.WriteUInt32BigEndian(b[BatchHeader.CrcAt..], Crc32C.Compute(b[BatchHeader.AttributesAt..]));
        return batch;
    }

    /// <summary>A control batch with one end-transaction marker: key = version int16, type int16 (0 abort, 1 commit); value = version int16, coordinatorEpoch int32.</summary>
    public static byte[] Marker(long timestampMs, long producerId, short producerEpoch, int coordinatorEpoch, bool commit)
    {
        var key = new byte[4];
        BinaryPrimitives.WriteInt16BigEndian(key.AsSpan(2), commit ? (short)1 : (short)0);
        var value = new byte[6];
        BinaryPrimitives.WriteInt32BigEndian(value.AsSpan(2), coordinatorEpoch);
        return new RecordBatchBuilder(timestampMs, producerId, producerEpoch, -1, BatchHeader.TransactionalFlag | BatchHeader.ControlFlag)
            .Add(key, value)
            .Build();
    }

    private static void WriteVarBytes(KafkaWriter writer, ReadOnlyMemory<byte>? value)
    {
        if (value is { } bytes)
        {
            writer.WriteVarint(bytes.Length);
            writer.WriteRaw(bytes.Span);
        }
        else
        {
            writer.WriteVarint(-1);
        }
    }
}
