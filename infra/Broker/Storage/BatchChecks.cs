using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Storage;

/// <summary>Checks of received batches before anything is written.</summary>
internal static class BatchChecks
{
    /// <summary>The framing of one batch at the start of the bytes: whole, format v2, sane counts, matching CRC.</summary>
    public static (ErrorCode Error, string? Message) Framing(ReadOnlySpan<byte> bytes, out BatchHeader header)
    {
        header = default;
        if (bytes.Length < BatchHeader.Size)
        {
            // Formats v0 and v1 can be shorter than a v2 header.
            return bytes.Length > BatchHeader.MagicAt && bytes[BatchHeader.MagicAt] < 2
                ? (ErrorCode.UnsupportedForMessageFormat, "Record format older than v2")
                : (ErrorCode.CorruptMessage, "Record batch shorter than its header");
        }
        header = BatchHeader.Parse(bytes);
        if (header.Magic != 2)
        {
            return (ErrorCode.UnsupportedForMessageFormat, $"Record format v{header.Magic} is not supported, only v2");
        }
        if (header.BatchLength < BatchHeader.Size - BatchHeader.Overhead || header.BatchLength > bytes.Length - BatchHeader.Overhead)
        {
            return (ErrorCode.CorruptMessage, $"Record batch of {header.BatchLength} bytes does not fit the {bytes.Length} bytes received");
        }
        if (!header.CrcMatches(bytes))
        {
            return (ErrorCode.CorruptMessage, "Record batch is corrupt: its CRC does not match");
        }
        if (header.RecordCount <= 0 || header.LastOffsetDelta != header.RecordCount - 1)
        {
            return (ErrorCode.InvalidRecord, $"Record batch has {header.RecordCount} records and last offset delta {header.LastOffsetDelta}");
        }
        return default;
    }

    /// <summary>What Produce demands of the records of one partition besides framing: exactly one batch, no control batch, a known codec,
    /// a complete producer triple.</summary>
    public static (ErrorCode Error, string? Message) FromClient(ReadOnlySpan<byte> bytes, short apiVersion, int maxMessageBytes, out BatchHeader header)
    {
        var (error, message) = Framing(bytes, out header);
        if (error != ErrorCode.None)
        {
            return (error, message);
        }
        if (header.TotalBytes != bytes.Length)
        {
            return (ErrorCode.InvalidRecord, "Produce requests must contain exactly one record batch per partition");
        }
        if (header.TotalBytes > maxMessageBytes)
        {
            return (ErrorCode.MessageTooLarge, $"Record batch of {header.TotalBytes} bytes exceeds max.message.bytes {maxMessageBytes}");
        }
        if (header.IsControl)
        {
            return (ErrorCode.InvalidRecord, "Clients may not write control batches");
        }
        if (header.Codec > 4)
        {
            return (ErrorCode.UnsupportedCompressionType, $"Unknown codec {header.Codec}");
        }
        if (header.Codec == 4 && apiVersion < 7)
        {
            return (ErrorCode.UnsupportedCompressionType, "Produce requests with version < 7 are not allowed to use ZStandard compression");
        }
        if (header.HasProducer && (header.BaseSequence < 0 || header.ProducerEpoch < 0))
        {
            return (ErrorCode.InvalidRecord, $"Invalid sequence {header.BaseSequence} or epoch {header.ProducerEpoch} for producer {header.ProducerId}");
        }
        if (header.IsTransactional && !header.HasProducer)
        {
            return (ErrorCode.InvalidRecord, "Transactional batch without a producer id");
        }
        return default;
    }
}
