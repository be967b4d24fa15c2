using Confluent.Kafka;

namespace StreamPlatform.Streams;

internal sealed class ConfluentConsumer : IGroupConsumer
{
    private readonly IConsumer<byte[]?, byte[]?> consumer;

    public ConfluentConsumer(TransportSettings settings, IRebalanceHandler handler)
    {
        var options = settings.Options;
        var config = ConfluentTransport.Common(new ConsumerConfig(), settings, "consumer");
        config.GroupId = options.ApplicationId;
        config.GroupInstanceId = settings.GroupInstanceId;
        config.SessionTimeoutMs = options.SessionTimeoutMs;
        config.HeartbeatIntervalMs = Math.Max(500, options.SessionTimeoutMs / 5);
        config.PartitionAssignmentStrategy = PartitionAssignmentStrategy.Range; // aligns partition numbers across topics
        config.IsolationLevel = IsolationLevel.ReadCommitted;
        config.AutoOffsetReset = AutoOffsetReset.Error; // we say where to start; out of range is never passed over in silence
        config.EnableAutoCommit = false;
        config.EnableAutoOffsetStore = false;
        config.EnablePartitionEof = true;
        config.FetchWaitMaxMs = 100;
        config.QueuedMaxMessagesKbytes = 16 * 1024;
        consumer = new ConsumerBuilder<byte[]?, byte[]?>(config)
            .SetLogHandler((_, message) => ConfluentTransport.Warn(settings, "consumer", message))
            .SetErrorHandler((_, error) => settings.Warn("consumer", error.Reason))
            .SetPartitionsAssignedHandler((_, partitions) =>
            {
                handler.Assigned([.. partitions.Select(ConfluentTransport.Own)]);
                return []; // Assign follows when restored
            })
            .SetPartitionsRevokedHandler((_, _) => handler.Revoked())
            .SetPartitionsLostHandler((_, _) => handler.Lost())
            .Build();
    }

    public void Subscribe(IReadOnlyList<string> topics) => consumer.Subscribe(topics);

    public PollResult Poll(int timeoutMs)
    {
        try { return ConfluentTransport.Own(consumer.Consume(timeoutMs)); }
        catch (ConsumeException e) when (e.Error.Code is ErrorCode.Local_AutoOffsetReset or ErrorCode.OffsetOutOfRange)
        {
            throw new TransportException(TransportFailure.Configuration,
                $"the offset to read is out of range ({e.Error.Reason}): records were deleted or the topic was recreated; reset the group's offsets deliberately", e);
        }
        catch (KafkaException e) { throw ConfluentTransport.Wrap(e, TransportFailure.Retriable); }
    }

    public void Assign(IReadOnlyList<PartitionOffset> partitions) => Call(() => consumer.Assign(partitions.Select(ConfluentTransport.Native)));
    public void Pause(IReadOnlyList<TopicPartitionId> partitions) => Call(() => consumer.Pause(partitions.Select(ConfluentTransport.Native)));
    public void Resume(IReadOnlyList<TopicPartitionId> partitions) => Call(() => consumer.Resume(partitions.Select(ConfluentTransport.Native)));

    public long HighWatermark(TopicPartitionId partition)
    {
        try { return consumer.GetWatermarkOffsets(ConfluentTransport.Native(partition)).High.Value is var high && high >= 0 ? high : -1; }
        catch (KafkaException) { return -1; } // not assigned any more
    }

    public GroupMembership Membership() => new(consumer.MemberId ?? "", consumer.ConsumerGroupMetadata);

    public IReadOnlyDictionary<TopicPartitionId, long> Committed(IReadOnlyList<TopicPartitionId> partitions, TimeSpan timeout)
    {
        try
        {
            return consumer.Committed(partitions.Select(ConfluentTransport.Native), timeout)
                .Where(o => o.Offset.Value >= 0).ToDictionary(o => ConfluentTransport.Own(o.TopicPartition), o => o.Offset.Value);
        }
        catch (KafkaException e) { throw ConfluentTransport.Wrap(e, TransportFailure.Retriable); }
    }

    public void Commit(IReadOnlyList<PartitionOffset> offsets) => Call(() => consumer.Commit(offsets.Select(ConfluentTransport.Native)));
    public void Close() => Call(consumer.Close);
    public void Dispose() => consumer.Dispose();

    private static void Call(Action action)
    {
        try { action(); }
        catch (KafkaException e) { throw ConfluentTransport.Wrap(e, TransportFailure.Retriable); }
    }
}
