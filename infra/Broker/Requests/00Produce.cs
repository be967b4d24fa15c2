using StreamPlatform.Broker.Storage;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Requests;

/// <summary>
/// Produce 0-9.
/// Versions 0-2 (record formats v0 and v1) are listed but every partition is answered with UNSUPPORTED_VERSION.
/// Deviations: acks=1 is as durable as acks=all; the request's timeout is ignored (one node: there are no followers to wait for);
/// a failed acks=0 request is not signalled by closing the connection; timestamps are not checked against message.timestamp.*.max.ms.
/// Pipelined: all partitions are appended before the first await, so the order of requests is the order of the log.
/// </summary>
internal sealed class ProduceHandler(BrokerServices services, LogManager logs) : IRequestHandler
{
    private const short FirstSupportedVersion = 3;

    public ApiKey Key => ApiKey.Produce;

    public bool Pipelined => true;

    private readonly record struct PartitionAppend(int Partition, ValueTask<AppendResult> Append);

    private readonly record struct TopicAppend(string Topic, PartitionAppend[] Partitions);

    public ValueTask HandleAsync(RequestContext context, ReadOnlyMemory<byte> body, KafkaWriter response, CancellationToken cancel)
    {
        var reader = context.Reader(body);
        var transactionalId = context.Version >= 3 ? reader.ReadNullableString() : null;
        var acks = reader.ReadInt16();
        reader.ReadInt32();
        var topics = new TopicAppend[reader.ReadArrayLength()];
        for (var t = 0; t < topics.Length; t++)
        {
            var name = reader.ReadString();
            var topic = logs.Find(name);
            var partitions = new PartitionAppend[reader.ReadArrayLength(minElementBytes: 5)];
            for (var p = 0; p < partitions.Length; p++)
            {
                var index = reader.ReadInt32();
                var (position, length) = reader.ReadNullableBytesRange();
                reader.SkipTaggedFields();
                var records = length < 0 ? ReadOnlyMemory<byte>.Empty : body.Slice(position, length);
                partitions[p] = new PartitionAppend(index, Append(context, transactionalId, acks, name, topic, index, records));
            }
            reader.SkipTaggedFields();
            topics[t] = new TopicAppend(name, partitions);
        }
        reader.SkipTaggedFields();
        context.NoResponse = acks == 0;
        return AnswerAsync(context, topics, response);
    }

    private ValueTask<AppendResult> Append(
        RequestContext context, string? transactionalId, short acks, string name, Topic? topic, int index, ReadOnlyMemory<byte> records)
    {
        if (context.Version < FirstSupportedVersion)
        {
            return Fail(ErrorCode.UnsupportedVersion);
        }
        if (acks is < -1 or > 1)
        {
            return Fail(ErrorCode.InvalidRequiredAcks);
        }
        if (topic?.Log(index) is not { } log)
        {
            return Fail(ErrorCode.UnknownTopicOrPartition);
        }
        if (topic.IsInternal)
        {
            return Fail(ErrorCode.InvalidTopicException, $"Topic {name} is internal: clients may not write to it");
        }
        if (services.Options.ErrorHook?.Invoke(context, name, index) is { } injected and not ErrorCode.None)
        {
            return Fail(injected);
        }
        var (error, message) = BatchChecks.FromClient(records.Span, context.Version, log.Settings.MaxMessageBytes, out var header);
        if (error != ErrorCode.None)
        {
            return Fail(error, message);
        }
        if (header.IsTransactional)
        {
            if (transactionalId is null)
            {
                return Fail(ErrorCode.InvalidRecord, "Transactional batch in a request without a transactional id");
            }
            if (services.TransactionGate?.CheckProduce(context, transactionalId, header.ProducerId, header.ProducerEpoch, name, index) is { } refused and not ErrorCode.None)
            {
                return Fail(refused);
            }
        }
        return log.AppendChecked(records);
    }

    private static ValueTask<AppendResult> Fail(ErrorCode error, string? message = null) => new(AppendResult.Failed(error, message));

    private static async ValueTask AnswerAsync(RequestContext context, TopicAppend[] topics, KafkaWriter response)
    {
        response.WriteArrayLength(topics.Length);
        foreach (var (topic, partitions) in topics)
        {
            response.WriteString(topic);
            response.WriteArrayLength(partitions.Length);
            foreach (var (partition, append) in partitions)
            {
                WritePartition(context.Version, partition, await append.ConfigureAwait(false), response);
            }
            response.WriteEmptyTaggedFields();
        }
        if (context.Version >= 1)
        {
            response.WriteInt32(0);
        }
        response.WriteEmptyTaggedFields();
    }

    private static void WritePartition(short version, int partition, AppendResult result, KafkaWriter response)
    {
        response.WriteInt32(partition);
        response.WriteError(result.Error);
        response.WriteInt64(result.BaseOffset);
        if (version >= 2)
        {
            response.WriteInt64(result.LogAppendTimeMs);
        }
        if (version >= 5)
        {
            response.WriteInt64(result.LogStartOffset);
        }
        if (version >= 8)
        {
            response.WriteArrayLength(0);
            response.WriteNullableString(result.Message);
        }
        response.WriteEmptyTaggedFields();
    }
}
