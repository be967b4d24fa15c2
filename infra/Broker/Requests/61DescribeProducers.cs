using StreamPlatform.Broker.Storage;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Requests;

/// <summary>DescribeProducers 0. No deviations known.</summary>
internal sealed class DescribeProducersHandler(LogManager logs) : IRequestHandler
{
    public ApiKey Key => ApiKey.DescribeProducers;

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
            var partitions = reader.ReadInt32Array();
            reader.SkipTaggedFields();
            response.WriteArrayLength(partitions.Length);
            foreach (var partition in partitions)
            {
                Write(partition, topic?.Log(partition), response);
            }
            response.WriteEmptyTaggedFields();
        }
        reader.SkipTaggedFields();
        response.WriteEmptyTaggedFields();
        return ValueTask.CompletedTask;
    }

    private static void Write(int partition, PartitionLog? log, KafkaWriter response)
    {
        response.WriteInt32(partition);
        response.WriteError(log is null ? ErrorCode.UnknownTopicOrPartition : ErrorCode.None);
        response.WriteNullableString(null);
        var producers = log?.Producers ?? [];
        response.WriteArrayLength(producers.Count);
        foreach (var producer in producers)
        {
            response.WriteInt64(producer.ProducerId);
            response.WriteInt32(producer.Epoch);
            response.WriteInt32(producer.LastSequence);
            response.WriteInt64(producer.LastTimestampMs);
            response.WriteInt32(producer.CoordinatorEpoch);
            response.WriteInt64(producer.TransactionStartOffset);
            response.WriteEmptyTaggedFields();
        }
        response.WriteEmptyTaggedFields();
    }
}
