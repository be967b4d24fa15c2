using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace StreamPlatform.Streams;

internal sealed class ConfluentAdmin : ITopicAdmin
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);
    private readonly IAdminClient admin;
    private readonly string group;

    public ConfluentAdmin(TransportSettings settings) => (group, admin) = (settings.Options.ApplicationId, new AdminClientBuilder(ConfluentTransport.Common(new AdminClientConfig(), settings, "admin"))
        .SetLogHandler((_, message) => ConfluentTransport.Warn(settings, "admin", message))
        .SetErrorHandler((_, error) => settings.Warn("admin", error.Reason))
        .Build());

    public IReadOnlyDictionary<string, int> Topics()
    {
        try { return admin.GetMetadata(Timeout).Topics.Where(t => !t.Error.IsError).ToDictionary(t => t.Topic, t => t.Partitions.Count); }
        catch (KafkaException e) { throw ConfluentTransport.Wrap(e, TransportFailure.Retriable); }
    }

    public bool Create(string topic, int partitions, short replicationFactor, IReadOnlyDictionary<string, string> config)
    {
        try
        {
            admin.CreateTopicsAsync([new TopicSpecification { Name = topic, NumPartitions = partitions, ReplicationFactor = replicationFactor, Configs = new(config) }],
                new CreateTopicsOptions { RequestTimeout = Timeout, OperationTimeout = Timeout }).GetAwaiter().GetResult();
            return true;
        }
        catch (CreateTopicsException e) when (e.Results.All(r => r.Error.Code is ErrorCode.TopicAlreadyExists or ErrorCode.NoError)) { return false; }
        catch (CreateTopicsException e)
        {
            throw new TransportException(TransportFailure.Configuration, $"topic {topic} cannot be created: {e.Results[0].Error.Reason}", e);
        }
        catch (KafkaException e) { throw ConfluentTransport.Wrap(e, TransportFailure.Retriable); }
    }

    public void DeleteRecords(IReadOnlyList<PartitionOffset> below)
    {
        try { admin.DeleteRecordsAsync(below.Select(ConfluentTransport.Native), new DeleteRecordsOptions { RequestTimeout = Timeout, OperationTimeout = Timeout }).GetAwaiter().GetResult(); }
        catch (DeleteRecordsException e)
        {
            throw new TransportException(TransportFailure.Retriable, $"records cannot be deleted: {e.Results.First(r => r.Error.IsError).Error.Reason}", e);
        }
        catch (KafkaException e) { throw ConfluentTransport.Wrap(e, TransportFailure.Retriable); }
    }

    public IReadOnlyList<TopicPartitionId>? Ownerless(IReadOnlyDictionary<string, int> topics)
    {
        try
        {
            var described = admin.DescribeConsumerGroupsAsync([group], new DescribeConsumerGroupsOptions { RequestTimeout = Timeout }).GetAwaiter().GetResult().ConsumerGroupDescriptions[0];
            if (described.State != ConsumerGroupState.Stable) return null;
            var owned = described.Members.SelectMany(m => m.Assignment.TopicPartitions).Select(ConfluentTransport.Own).ToHashSet();
            return [.. topics.SelectMany(t => Enumerable.Range(0, t.Value).Select(p => new TopicPartitionId(t.Key, p))).Where(p => !owned.Contains(p))];
        }
        catch (DescribeConsumerGroupsException e) { throw ConfluentTransport.Wrap(new KafkaException(e.Results.ConsumerGroupDescriptions[0].Error), TransportFailure.Retriable); }
        catch (KafkaException e) { throw ConfluentTransport.Wrap(e, TransportFailure.Retriable); }
    }

    public IReadOnlyDictionary<TopicPartitionId, long> EndOffsets(IReadOnlyList<TopicPartitionId> partitions)
    {
        try
        {
            // ListOffsets asks the client's cache for leaders, where a topic once unknown stays unknown for half a minute; a full update mends it
            admin.GetMetadata(Timeout);
            var result = admin.ListOffsetsAsync(
                partitions.Select(p => new TopicPartitionOffsetSpec { TopicPartition = ConfluentTransport.Native(p), OffsetSpec = OffsetSpec.Latest() }),
                new ListOffsetsOptions { RequestTimeout = Timeout, IsolationLevel = IsolationLevel.ReadUncommitted }).GetAwaiter().GetResult();
            return result.ResultInfos.ToDictionary(r => ConfluentTransport.Own(r.TopicPartitionOffsetError.TopicPartition), r => r.TopicPartitionOffsetError.Offset.Value);
        }
        catch (ListOffsetsException e)
        {
            var failed = e.Result.ResultInfos.Select(r => r.TopicPartitionOffsetError).Where(r => r.Error.IsError).ToList();
            throw new TransportException(TransportFailure.Retriable, $"end offsets of {failed.Count} of {partitions.Count} partitions are unknown, first {failed[0]}", e);
        }
        catch (KafkaException e) { throw ConfluentTransport.Wrap(e, TransportFailure.Retriable); }
    }

    public void Dispose() => admin.Dispose();
}
