using Microsoft.Extensions.Logging;
using StreamPlatform.Broker.Storage;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Groups;

/// <summary>The __consumer_offsets topic: which partition a group lives in, and what is written there.</summary>
internal sealed class OffsetsLog : IGroupLog
{
    public const string TopicName = "__consumer_offsets";

    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITopic _topic;

    public OffsetsLog(ILogManager logs, GroupOptions options, TimeProvider time, ILogger logger)
    {
        _time = time;
        _logger = logger;
        _topic = logs.EnsureInternalTopic(TopicName, options.OffsetsTopicPartitions);
    }

    public IReadOnlyList<IPartitionLog> Partitions => _topic.Partitions;

    /// <summary>As Kafka: Java's String.hashCode, made non-negative, modulo the partition count.</summary>
    public int PartitionFor(string group) => JavaHash.Of(group) % _topic.Partitions.Count;

    public void SaveGroup(GroupSnapshot snapshot) =>
        _ = ObserveAsync(Append(snapshot.GroupId, new RecordBatchBuilder(_time.UnixMs())
            .Add(OffsetsRecords.GroupKey(snapshot.GroupId), OffsetsRecords.GroupValue(snapshot))), snapshot.GroupId);

    /// <summary>Commits offsets: plainly, or as part of a producer's transaction.</summary>
    public ValueTask<AppendResult> AppendOffsets(
        string group, IReadOnlyList<(PartitionKey Partition, long Offset, int LeaderEpoch, string Metadata)> offsets, long commitUnixMs,
        long producerId = -1, short producerEpoch = -1)
    {
        var batch = new RecordBatchBuilder(commitUnixMs, producerId, producerEpoch, -1, producerId >= 0 ? BatchHeader.TransactionalFlag : (short)0);
        foreach (var (partition, offset, leaderEpoch, metadata) in offsets)
        {
            batch.Add(OffsetsRecords.OffsetKey(group, partition), OffsetsRecords.OffsetValue(offset, leaderEpoch, metadata, commitUnixMs));
        }
        return Append(group, batch);
    }

    /// <summary>Tombstones for offsets and, if asked, for the group itself.</summary>
    public ValueTask<AppendResult> AppendRemoval(string group, IReadOnlyList<PartitionKey> partitions, bool andGroup)
    {
        var batch = new RecordBatchBuilder(_time.UnixMs());
        foreach (var partition in partitions)
        {
            batch.Add(OffsetsRecords.OffsetKey(group, partition), null);
        }
        if (andGroup)
        {
            batch.Add(OffsetsRecords.GroupKey(group), null);
        }
        return Append(group, batch);
    }

    private ValueTask<AppendResult> Append(string group, RecordBatchBuilder batch) => _topic.Partitions[PartitionFor(group)].AppendAsync(batch.Build());

    private async Task ObserveAsync(ValueTask<AppendResult> append, string group)
    {
        try
        {
            var result = await append.ConfigureAwait(false);
            if (result.Error != ErrorCode.None)
            {
                GroupLog.NotSaved(_logger, group, result.Error);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // the members keep their generation in memory; after a restart they would join again
            GroupLog.SaveFailed(_logger, e, group);
        }
    }
}
