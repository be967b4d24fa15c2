namespace StreamPlatform.Streams;

public enum PollKind { Record, EndOfPartition }

/// <summary>What one poll gave: a record, or a partition read to <see cref="EndOffset"/>.</summary>
public readonly record struct PollResult(PollKind Kind, ConsumedRecord? Record, TopicPartitionId Partition, long EndOffset)
{
    public static PollResult Of(ConsumedRecord record) => new(PollKind.Record, record, default, 0);
    public static PollResult End(TopicPartitionId partition, long endOffset) => new(PollKind.EndOfPartition, null, partition, endOffset);
}
