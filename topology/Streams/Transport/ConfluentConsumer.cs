using Confluent.Kafka;
using StreamPlatform.Streams.Librdkafka;

namespace StreamPlatform.Streams;

/// <summary>
/// The group consumer. An eager rebalance assigns when the tasks are restored. An incremental one must take its partitions at once, inside the client's callback: they start
/// at their end, paused, whatever still comes of them is dropped, and the restored offset is sought. (To unassign and assign them again would be taken for the answer to a
/// revocation that waits in the queue, and the group would go on without the drain.)
/// </summary>
internal sealed class ConfluentConsumer : IGroupConsumer
{
    private static readonly TimeSpan DisposePatience = TimeSpan.FromSeconds(10);

    private readonly IConsumer<byte[]?, byte[]?> consumer;
    private readonly Action<string, string> warn;
    private readonly RecordQueue records;
    private readonly bool incremental;
    private volatile bool refused; // the coordinator does not speak the consumer protocol
    private readonly HashSet<TopicPartition> toHold = []; // assigned by the client a moment ago, not paused yet
    private readonly Dictionary<TopicPartition, Offset> toSeek = []; // restored, still held
    private readonly HashSet<TopicPartition> paused = []; // by the runtime

    public ConfluentConsumer(TransportSettings settings, IRebalanceHandler handler)
    {
        var options = settings.Options;
        incremental = settings.Incremental;
        warn = settings.Warn;
        var config = ConfluentTransport.Consuming(settings, "consumer");
        config.GroupId = options.ApplicationId;
        if (options.GroupProtocol == ConsumerGroupProtocol.Consumer)
        {
            // session and heartbeat are the broker's; dynamic members, because a static one that comes back after kill -9 is refused (UNRELEASED_INSTANCE_ID) until its session ends
            config.GroupProtocol = GroupProtocol.Consumer;
            config.Debug = config.Debug is { Length: > 0 } debug ? $"{debug},feature" : "feature"; // see Hear
            config.GroupRemoteAssignor = settings.AlignInputs ? "range" : "uniform";
        }
        else
        {
            if (settings.GroupInstanceId.Length > 0) config.GroupInstanceId = settings.GroupInstanceId;
            config.SessionTimeoutMs = options.SessionTimeoutMs;
            config.HeartbeatIntervalMs = Math.Max(250, options.SessionTimeoutMs / 20); // members learn of a rebalance by their heartbeat: each round of it takes as long
            // range aligns partition numbers across topics, cooperative-sticky does not
            config.PartitionAssignmentStrategy = incremental ? PartitionAssignmentStrategy.CooperativeSticky : PartitionAssignmentStrategy.Range;
        }
        config.AutoOffsetReset = AutoOffsetReset.Error; // we say where to start; out of range is never passed over in silence
        config.FetchWaitMaxMs = 100;
        config.QueuedMaxMessagesKbytes = 16 * 1024;
        consumer = new ConsumerBuilder<byte[]?, byte[]?>(config)
            .SetLogHandler((_, message) => Hear(settings, message))
            .SetErrorHandler((_, error) => settings.Warn("consumer", error.Reason))
            .SetPartitionsAssignedHandler((_, partitions) =>
            {
                handler.Assigned([.. partitions.Select(ConfluentTransport.Own)]);
                if (!incremental) return []; // Assign follows when restored
                toHold.UnionWith(partitions);
                return partitions.Select(p => new TopicPartitionOffset(p, Offset.End)); // the client insists on the same set, and assigns it itself
            })
            .SetPartitionsRevokedHandler((_, partitions) =>
            {
                handler.Revoked([.. partitions.Select(p => ConfluentTransport.Own(p.TopicPartition))]);
                Forget(partitions);
            })
            .SetPartitionsLostHandler((_, partitions) =>
            {
                handler.Lost([.. partitions.Select(p => ConfluentTransport.Own(p.TopicPartition))]);
                Forget(partitions);
            })
            .Build();
        records = new RecordQueue(consumer.Handle, settings, "consumer");
    }

    public void Subscribe(IReadOnlyList<string> topics) => consumer.Subscribe(topics);

    public int Poll(Span<PollResult> into, int timeoutMs)
    {
        if (refused)
            throw new TransportException(TransportFailure.Configuration,
                $"{nameof(StreamsOptions.GroupProtocol)} is {ConsumerGroupProtocol.Consumer}, but the group's broker does not speak it (KIP-848); set it to {ConsumerGroupProtocol.Classic}");
        if (toSeek.Count > 0) StartRestored();
        try
        {
            var count = records.Poll(into, timeoutMs);
            return toSeek.Count == 0 ? count : Wanted(into[..count]);
        }
        finally
        {
            if (toHold.Count > 0) HoldAssigned();
        }
    }

    /// <summary>What comes of a partition before its restored offset is sought is of its end: taken for more than that, it would look like a gap, and all before it as read.</summary>
    private int Wanted(Span<PollResult> results)
    {
        var kept = 0;
        foreach (var result in results)
        {
            var from = result.Record is { } record ? new TopicPartition(record.Topic, record.Partition) : ConfluentTransport.Native(result.Partition);
            if (!toSeek.ContainsKey(from)) results[kept++] = result;
        }
        return kept;
    }

    public void Assign(IReadOnlyList<PartitionOffset> partitions)
    {
        if (!incremental)
        {
            Call(() => consumer.Assign(partitions.Select(ConfluentTransport.Native))); // everything was taken away before
            return;
        }
        foreach (var at in partitions) toSeek[ConfluentTransport.Native(at.Partition)] = new Offset(at.Offset);
        StartRestored();
    }

    public void Pause(IReadOnlyList<TopicPartitionId> partitions)
    {
        paused.UnionWith(partitions.Select(ConfluentTransport.Native));
        Call(() => consumer.Pause(partitions.Select(ConfluentTransport.Native)));
    }

    public void Resume(IReadOnlyList<TopicPartitionId> partitions)
    {
        paused.ExceptWith(partitions.Select(ConfluentTransport.Native));
        List<TopicPartition> reading = [.. partitions.Select(ConfluentTransport.Native).Where(p => !toSeek.ContainsKey(p))];
        if (reading.Count > 0) Call(() => consumer.Resume(reading));
    }

    /// <summary>A coordinator without the consumer protocol makes the client wait without end and without an error (librdkafka 2.15); only its log of features tells.</summary>
    private void Hear(TransportSettings settings, LogMessage message)
    {
        if (message.Message.Contains("GroupCoordinator/", StringComparison.Ordinal) && message.Message.Contains("ConsumerGroupHeartbeat", StringComparison.Ordinal)
            && message.Message.Contains("NOT supported", StringComparison.Ordinal) && settings.Options.GroupProtocol == ConsumerGroupProtocol.Consumer) refused = true;
        ConfluentTransport.Warn(settings, "consumer", message);
    }

    private void HoldAssigned()
    {
        List<TopicPartition> held = [.. toHold];
        toHold.Clear();
        try { consumer.Pause(held); }
        catch (KafkaException) { } // it only saves fetching what is dropped until the restored offset is sought
    }

    private void StartRestored()
    {
        foreach (var (partition, offset) in toSeek.ToList())
        {
            try { consumer.Seek(new TopicPartitionOffset(partition, offset)); }
            catch (KafkaException e) when (!e.Error.IsFatal) { continue; } // its fetcher has not started yet: with the next poll
            toSeek.Remove(partition);
            if (!paused.Contains(partition)) Call(() => consumer.Resume([partition]));
        }
    }

    private void Forget(List<TopicPartitionOffset> partitions)
    {
        foreach (var partition in partitions.Select(p => p.TopicPartition))
        {
            toHold.Remove(partition);
            toSeek.Remove(partition);
            paused.Remove(partition);
        }
    }

    public long HighWatermark(TopicPartitionId partition)
    {
        try { return consumer.GetWatermarkOffsets(ConfluentTransport.Native(partition)).High.Value is var high && high >= 0 ? high : -1; }
        catch (KafkaException) { return -1; } // not assigned any more
    }

    public GroupMembership Membership() => new(consumer.MemberId ?? "", records.Client);

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
    public void Dispose()
    {
        records.Dispose(); // a queue's reference keeps its client
        if (!BoundedDispose.Run(consumer.Dispose, DisposePatience)) warn("dispose", $"the consumer has not ended within {DisposePatience.TotalSeconds:0} s and is left behind");
    }

    private static void Call(Action action)
    {
        try { action(); }
        catch (KafkaException e) { throw ConfluentTransport.Wrap(e, TransportFailure.Retriable); }
    }
}
