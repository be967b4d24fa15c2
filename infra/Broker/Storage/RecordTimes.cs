using System.IO.Compression;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Storage;

/// <summary>Timestamps of single records, the only place that looks into a client's batch (for offsets by time).</summary>
internal static class RecordTimes
{
    private const int GzipCodec = 1;

    /// <summary>The first record at or after an offset with at least a timestamp; (-1, -1) if there is none.
    /// Snappy, lz4 and zstd are not decoded: the batch's first offset stands for them.</summary>
    public static (long Offset, long TimestampMs) First(BatchHeader header, ReadOnlyMemory<byte> batch, long timestampMs, long fromOffset)
    {
        var coarse = (Math.Max(header.BaseOffset, fromOffset), header.IsLogAppendTime ? header.MaxTimestampMs : Math.Max(header.BaseTimestampMs, timestampMs));
        if (header.IsLogAppendTime || batch.IsEmpty || header.Codec is not (0 or GzipCodec))
        {
            return coarse;
        }
        try
        {
            var records = header.Codec == 0 ? batch.Span[BatchHeader.Size..] : Gunzip(batch[BatchHeader.Size..]);
            var reader = new KafkaReader(records);
            for (var i = 0; i < header.RecordCount; i++)
            {
                var length = reader.ReadVarint();
                var end = reader.Position + length;
                reader.ReadInt8();
                var time = header.BaseTimestampMs + reader.ReadVarlong();
                var offset = header.BaseOffset + reader.ReadVarint();
                if (time >= timestampMs && offset >= fromOffset)
                {
                    return (offset, time);
                }
                if (end < reader.Position)
                {
                    return coarse;
                }
                reader.Skip((uint)(end - reader.Position));
            }
            return (-1, -1);
        }
        catch (Exception e) when (e is MalformedRequestException or InvalidDataException)
        {
            // The batch is what the client sent; only its framing was checked.
            return coarse;
        }
    }

    private static ReadOnlySpan<byte> Gunzip(ReadOnlyMemory<byte> bytes)
    {
        using var source = new MemoryStream(bytes.ToArray(), writable: false);
        using var gzip = new GZipStream(source, CompressionMode.Decompress);
        using var target = new MemoryStream();
        gzip.CopyTo(target);
        return target.GetBuffer().AsSpan(0, (int)target.Length);
    }
}
