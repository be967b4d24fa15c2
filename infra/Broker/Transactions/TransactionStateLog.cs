using StreamPlatform.Broker.Groups;
using StreamPlatform.Broker.Storage;

namespace StreamPlatform.Broker.Transactions;

/// <summary>The __transaction_state topic.</summary>
internal sealed class TransactionStateLog(ILogManager logs, TransactionOptions options, TimeProvider time)
{
    public const string TopicName = "__transaction_state";

    private readonly ITopic _topic = logs.EnsureInternalTopic(TopicName, options.StateTopicPartitions);

    public IReadOnlyList<IPartitionLog> Partitions => _topic.Partitions;

    public ValueTask<AppendResult> Save(string transactionalId, TransactionMetadata transaction) =>
        For(transactionalId).AppendAsync(new RecordBatchBuilder(time.UnixMs())
            .Add(TransactionRecords.Key(transactionalId), TransactionRecords.Value(transaction)).Build());

    public ValueTask<AppendResult> Forget(string transactionalId) =>
        For(transactionalId).AppendAsync(new RecordBatchBuilder(time.UnixMs()).Add(TransactionRecords.Key(transactionalId), null).Build());

    public ValueTask<AppendResult> SaveProducerIds(long firstFree) =>
        _topic.Partitions[0].AppendAsync(new RecordBatchBuilder(time.UnixMs())
            .Add(TransactionRecords.ProducerIdsKey(), TransactionRecords.ProducerIdsValue(firstFree)).Build());

    private IPartitionLog For(string transactionalId) => _topic.Partitions[JavaHash.Of(transactionalId) % _topic.Partitions.Count];
}
