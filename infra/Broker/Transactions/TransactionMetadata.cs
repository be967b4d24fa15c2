using System.Collections.Immutable;
using StreamPlatform.Broker.Groups;

namespace StreamPlatform.Broker.Transactions;

/// <summary>The states of a transactional id; names and numbers as Kafka keeps and shows them.</summary>
internal enum TransactionStatus : sbyte
{
    Empty = 0,
    Ongoing = 1,
    PrepareCommit = 2,
    PrepareAbort = 3,
    CompleteCommit = 4,
    CompleteAbort = 5,
}

/// <summary>Everything known about a transactional id at one moment; replaced as a whole once the log has it.</summary>
/// <param name="ProducerId">Given out by this broker.</param>
/// <param name="Epoch">Requests with another epoch are fenced.</param>
/// <param name="LastEpoch">The epoch before the last bump its own producer asked for, so that a repeated request is recognised; -1 if none. Not kept in the log.</param>
/// <param name="TimeoutMs">transaction.timeout.ms.</param>
/// <param name="Status">See <see cref="TransactionStatus"/>.</param>
/// <param name="Partitions">Where markers are due when it ends.</param>
/// <param name="LastUpdateUnixMs">For the expiry of unused ids.</param>
/// <param name="StartUnixMs">When the transaction began; -1 if none.</param>
internal sealed record TransactionMetadata(
    long ProducerId, short Epoch, short LastEpoch, int TimeoutMs, TransactionStatus Status, ImmutableHashSet<PartitionKey> Partitions,
    long LastUpdateUnixMs, long StartUnixMs)
{
    public bool IsEnding => Status is TransactionStatus.PrepareCommit or TransactionStatus.PrepareAbort;

    public bool IsOverdue(long nowUnixMs) => Status == TransactionStatus.Ongoing && StartUnixMs + TimeoutMs <= nowUnixMs;

    public TransactionMetadata With(TransactionStatus status, long nowUnixMs) => this with { Status = status, LastUpdateUnixMs = nowUnixMs };
}
