using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Storage;

/// <summary>One record of an uncompressed batch. Null value: a tombstone.</summary>
public readonly record struct LogRecord(long Offset, long TimestampMs, ReadOnlyMemory<byte>? Key, ReadOnlyMemory<byte>? Value);

/// <summary>Reads batches and records that <see cref="RecordBatchBuilder"/> or a client wrote uncompressed. For internal topics: Produce and Fetch never look into a batch.</summary>
public static class RecordBatchReader
{
    /// <summary>The batches in a run of bytes, in order; a partial one at the end is ignored.</summary>
    public static IEnumerable<(BatchHeader Header, ReadOnlyMemory<byte> Batch)> Batches(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length >= BatchHeader.Size)
        {
            var header = BatchHeader.Parse(bytes.Span);
            if (header.BatchLength < BatchHeader.Size - BatchHeader.Overhead || header.TotalBytes > bytes.Length)
            {
                yield break;
            }
            yield return (header, bytes[..header.TotalBytes]);
            bytes = bytes[header.TotalBytes..];
        }
    }

    /// <summary>The records of one uncompressed batch (views of its bytes). Throws <see cref="InvalidDataException"/> on a compressed or damaged one.</summary>
    public static IReadOnlyList<LogRecord> Records(BatchHeader header, ReadOnlyMemory<byte> batch)
    {
        if (header.Codec != 0)
        {
            throw new InvalidDataException($"batch at offset {header.BaseOffset} is compressed (codec {header.Codec})");
        }
        var records = new List<LogRecord>(Math.Clamp(header.RecordCount, 0, 10_000));
        var reader = new KafkaReader(batch.Span);
        try
        {
            reader.Skip(BatchHeader.Size);
            for (var i = 0; i < header.RecordCount; i++)
            {
                records.Add(ReadRecord(ref reader, header, batch));
            }
        }
        catch (MalformedRequestException e)
        {
            throw new InvalidDataException($"batch at offset {header.BaseOffset}: {e.Message}", e);
        }
        return records;
    }

    /// <summary>The marker in a control batch: whether it commits, and the coordinator's epoch. Null if the batch is another kind of control batch.</summary>
    public static (bool Commit, int CoordinatorEpoch)? Marker(BatchHeader header, ReadOnlyMemory<byte> batch)
    {
        if (!header.IsControl || Records(header, batch) is not [{ Key: { Length: >= 4 } key, Value: { Length: >= 6 } value }, ..])
        {
            return null;
        }
        var type = System.Buffers.Binary.BinaryPrimitives.ReadInt16BigEndian(key.Span[2..]);
        return type is 0 or 1 ? (type == 1, System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(value.Span[2..])) : null;
    }

    /// <summary>All data records of a partition from its start to its end, batch by batch.</summary>
    public static IEnumerable<(BatchHeader Header, IReadOnlyList<LogRecord> Records)> ReadAll(IPartitionLog log, int chunkBytes = 1 << 20)
    {
        ArgumentNullException.ThrowIfNull(log);
        var offset = log.LogStartOffset;
        while (offset < log.HighWatermark)
        {
            var chunk = log.Read(offset, chunkBytes);
            if (chunk.IsEmpty)
            {
                yield break;
            }
            foreach (var (header, batch) in Batches(chunk))
            {
                offset = header.LastOffset + 1;
                if (!header.IsControl)
                {
                    yield return (header, Records(header, batch));
                }
            }
        }
    }

    private static LogRecord ReadRecord(ref KafkaReader reader, BatchHeader header, ReadOnlyMemory<byte> batch)
    {
        var length = reader.ReadVarint();
        var end = reader.Position + length;
        reader.ReadInt8();
        var timestamp = header.BaseTimestampMs + reader.ReadVarlong();
        var offset = header.BaseOffset + reader.ReadVarint();
        var key = VarBytes(ref reader, batch);
        var value = VarBytes(ref reader, batch);
        if (length < 0 || end < reader.Position)
        {
            throw new MalformedRequestException($"record of {length} bytes");
        }
        reader.Skip((uint)(end - reader.Position));
        return new LogRecord(offset, header.IsLogAppendTime ? header.MaxTimestampMs : timestamp, key, value);
    }

    private static ReadOnlyMemory<byte>? VarBytes(ref KafkaReader reader, ReadOnlyMemory<byte> batch)
    {
        var length = reader.ReadVarint();
        if (length < 0)
        {
            return null;
        }
        var start = reader.Position;
        reader.Take(length);
        return batch.Slice(start, length);
    }
}
