using StreamPlatform.Broker.Storage;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Requests;

/// <summary>
/// ListOffsets 1-7: earliest (-2), latest (-1), largest timestamp (-3, from v7), or the first record at or after a timestamp.
/// Deviation: by timestamp, batches in snappy, lz4 and zstd are not opened: the answer is their first offset (never too late); the largest timestamp of such a batch likewise.
/// </summary>
internal sealed class ListOffsetsHandler(LogManager logs) : IRequestHandler
{
    private const long Latest = -1;
    private const long Earliest = -2;
    private const long MaxTimestamp = -3;

    public ApiKey Key => ApiKey.ListOffsets;

    public ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel)
    {
        var version = context.Version;
        var reader = context.Reader(body);
        reader.ReadInt32();
        var isolation = version >= 2 ? (IsolationLevel)reader.ReadInt8() : IsolationLevel.ReadUncommitted;
        if (version >= 2)
        {
            response.WriteInt32(0);
        }
        var topics = reader.ReadArrayLength();
        response.WriteArrayLength(topics);
        for (; topics > 0; topics--)
        {
            var name = reader.ReadString();
            var topic = logs.Find(name);
            response.WriteString(name);
            var partitions = reader.ReadArrayLength(minElementBytes: 12);
            response.WriteArrayLength(partitions);
            for (; partitions > 0; partitions--)
            {
                var partition = reader.ReadInt32();
                var epoch = version >= 4 ? reader.ReadInt32() : -1;
                var timestampMs = reader.ReadInt64();
                reader.SkipTaggedFields();
                var (error, offset, foundMs) = Find(topic?.Log(partition), epoch, timestampMs, isolation, version);
                response.WriteInt32(partition);
                response.WriteError(error);
                response.WriteInt64(foundMs);
                response.WriteInt64(offset);
                if (version >= 4)
                {
                    response.WriteInt32(offset >= 0 ? 0 : -1);
                }
                response.WriteEmptyTaggedFields();
            }
            reader.SkipTaggedFields();
            response.WriteEmptyTaggedFields();
        }
        response.WriteEmptyTaggedFields();
        return ValueTask.CompletedTask;
    }

    private static (ErrorCode Error, long Offset, long TimestampMs) Find(PartitionLog? log, int epoch, long timestampMs, IsolationLevel isolation, short version)
    {
        if (log is null)
        {
            return (ErrorCode.UnknownTopicOrPartition, -1, -1);
        }
        if (LeaderEpochs.Check(epoch, log) is not ErrorCode.None and var error)
        {
            return (error, -1, -1);
        }
        switch (timestampMs)
        {
            case Latest:
                return (ErrorCode.None, isolation == IsolationLevel.ReadCommitted ? log.LastStableOffset : log.HighWatermark, -1);
            case Earliest:
                return (ErrorCode.None, log.LogStartOffset, -1);
            case MaxTimestamp when version >= 7:
                var (maxOffset, maxMs) = log.FindMaxTimestamp();
                return (ErrorCode.None, maxOffset, maxMs);
            case < 0:
                return (ErrorCode.UnsupportedVersion, -1, -1);
            default:
                var (offset, foundMs) = log.FindByTime(timestampMs, isolation);
                return (ErrorCode.None, offset, foundMs);
        }
    }
}
