using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Storage;

/// <summary>The outcome of an append. Offsets are -1 unless <see cref="Error"/> is None (a duplicate is None with the original offsets).</summary>
public readonly record struct AppendResult(ErrorCode Error, long BaseOffset, long LastOffset, long LogAppendTimeMs, long LogStartOffset, string? Message = null)
{
    public static AppendResult Failed(ErrorCode error, string? message = null) => new(error, -1, -1, -1, -1, message);
}

public enum IsolationLevel : sbyte
{
    ReadUncommitted = 0,
    ReadCommitted = 1,
}

/// <summary>What is known about one producer on one partition. Sequences and offsets are -1 where nothing was written.</summary>
public readonly record struct ProducerView(long ProducerId, short Epoch, int LastSequence, long LastTimestampMs, int CoordinatorEpoch, long TransactionStartOffset);

/// <summary>An aborted transaction in a fetched range.</summary>
public readonly record struct AbortedTransaction(long ProducerId, long FirstOffset, long LastOffset);

/// <summary>The log of one partition. All members are safe from any thread; one lock owns the state.</summary>
public interface IPartitionLog
{
    string Topic { get; }
    int Partition { get; }
    int LeaderEpoch { get; }
    long LogStartOffset { get; }
    /// <summary>The offset after the last record that may be read; with one node also the end of what is acknowledged.</summary>
    long HighWatermark { get; }
    /// <summary>The first offset of the oldest open transaction, or the high watermark.</summary>
    long LastStableOffset { get; }

    /// <summary>
    /// Appends record batches (one or more of format v2) as received, after checking them. The order of appends is the order of the calls: it is fixed
    /// before the method returns. The task completes when they are as durable as the broker's options say. The memory must stay valid until then.
    /// </summary>
    ValueTask<AppendResult> AppendAsync(ReadOnlyMemory<byte> batches, CancellationToken cancel = default);

    /// <summary>
    /// Ends the producer's open transaction on this partition with a control batch. Repeating it for a transaction that is already ended writes
    /// another marker, as Kafka does. INVALID_PRODUCER_EPOCH for an older epoch, TRANSACTION_COORDINATOR_FENCED for an older coordinator epoch.
    /// </summary>
    ValueTask<AppendResult> AppendMarkerAsync(long producerId, short producerEpoch, int coordinatorEpoch, bool commit, CancellationToken cancel = default);

    /// <summary>
    /// Whole batches, the first one containing <paramref name="offset"/>, up to <paramref name="maxBytes"/> (at least one batch), below the high
    /// watermark or last stable offset. Empty at the end. For internal topics; Fetch has its own path.
    /// </summary>
    ReadOnlyMemory<byte> Read(long offset, int maxBytes, IsolationLevel isolation = IsolationLevel.ReadUncommitted);

    /// <summary>Null if the producer is unknown here.</summary>
    ProducerView? FindProducer(long producerId);
    IReadOnlyList<ProducerView> Producers { get; }
}
