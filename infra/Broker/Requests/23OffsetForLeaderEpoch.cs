using StreamPlatform.Broker.Storage;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Requests;

/// <summary>OffsetForLeaderEpoch 2-4. There is only epoch 0, which ends at the high watermark; a later one is answered with -1, as Kafka does for unknown epochs.</summary>
internal sealed class OffsetForLeaderEpochHandler(LogManager logs) : IRequestHandler
{
    public ApiKey Key => ApiKey.OffsetForLeaderEpoch;

    public ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel)
    {
        var reader = context.Reader(body);
        if (context.Version >= 3)
        {
            reader.ReadInt32();
        }
        response.WriteInt32(0);
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
                var currentEpoch = reader.ReadInt32();
                var epoch = reader.ReadInt32();
                reader.SkipTaggedFields();
                Write(topic?.Log(partition), partition, currentEpoch, epoch, response);
            }
            reader.SkipTaggedFields();
            response.WriteEmptyTaggedFields();
        }
        response.WriteEmptyTaggedFields();
        return ValueTask.CompletedTask;
    }

    private static void Write(PartitionLog? log, int partition, int currentEpoch, int epoch, KafkaWriter response)
    {
        var error = log is null ? ErrorCode.UnknownTopicOrPartition : LeaderEpochs.Check(currentEpoch, log);
        var known = error == ErrorCode.None && epoch == log!.LeaderEpoch;
        response.WriteError(error);
        response.WriteInt32(partition);
        response.WriteInt32(known ? epoch : -1);
        response.WriteInt64(known ? log!.HighWatermark : -1);
        response.WriteEmptyTaggedFields();
    }
}
