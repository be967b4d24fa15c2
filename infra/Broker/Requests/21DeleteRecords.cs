using StreamPlatform.Broker.Storage;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Requests;

/// <summary>DeleteRecords 0-2. As in Kafka, a topic without delete in its clean-up policy is refused. No deviations known.</summary>
internal sealed class DeleteRecordsHandler(LogManager logs) : IRequestHandler
{
    public ApiKey Key => ApiKey.DeleteRecords;

    public ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel)
    {
        var reader = context.Reader(body);
        response.WriteInt32(0);
        var topics = reader.ReadArrayLength();
        response.WriteArrayLength(topics);
        for (; topics > 0; topics--)
        {
            var name = reader.ReadString();
            var topic = logs.Find(name);
            response.WriteString(name);
            var partitions = reader.ReadArrayLength();
            response.WriteArrayLength(partitions);
            for (; partitions > 0; partitions--)
            {
                var partition = reader.ReadInt32();
                var offset = reader.ReadInt64();
                reader.SkipTaggedFields();
                var (error, start) = Delete(topic, partition, offset);
                response.WriteInt32(partition);
                response.WriteInt64(start);
                response.WriteError(error);
                response.WriteEmptyTaggedFields();
            }
            reader.SkipTaggedFields();
            response.WriteEmptyTaggedFields();
        }
        response.WriteEmptyTaggedFields();
        return ValueTask.CompletedTask;
    }

    private static (ErrorCode Error, long Start) Delete(Topic? topic, int partition, long offset)
    {
        if (topic?.Log(partition) is not { } log)
        {
            return (ErrorCode.UnknownTopicOrPartition, -1);
        }
        if (topic.IsInternal)
        {
            return (ErrorCode.InvalidTopicException, -1);
        }
        if (!log.Settings.Delete)
        {
            return (ErrorCode.PolicyViolation, -1);
        }
        try
        {
            return log.DeleteBefore(offset);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (ErrorCode.KafkaStorageError, -1);
        }
    }
}
