using StreamPlatform.Broker.Groups;
using StreamPlatform.Broker.Requests;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Transactions;

internal sealed partial class TransactionCoordinator
{
    /// <summary>Makes partitions part of the producer's transaction, which begins with the first of them.</summary>
    public async ValueTask<ErrorCode> AddPartitionsAsync(
        RequestContext context, string transactionalId, long producerId, short epoch, IReadOnlyCollection<PartitionKey> partitions, CancellationToken cancel)
    {
        if (Find(transactionalId) is not { } transaction)
        {
            return ErrorCode.InvalidProducerIdMapping;
        }
        await transaction.Gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (!Admits(transaction, ConnectionUse.Coordinator, context))
            {
                return ErrorCode.CoordinatorNotAvailable;
            }
            var current = transaction.Current;
            if (Check(current, producerId, epoch) is not ErrorCode.None and var error)
            {
                return error;
            }
            if (current!.IsEnding)
            {
                return ErrorCode.ConcurrentTransactions;
            }
            var ongoing = current.Status == TransactionStatus.Ongoing;
            var union = ongoing ? current.Partitions.Union(partitions) : [.. partitions];
            if (ongoing && union.Count == current.Partitions.Count)
            {
                return ErrorCode.None;
            }
            if (union.Count > _options.MaxPartitionsPerTransaction)
            {
                return ErrorCode.PolicyViolation;
            }
            var now = NowUnixMs;
            return await SaveAsync(transaction, current with
            {
                Status = TransactionStatus.Ongoing, Partitions = union, LastUpdateUnixMs = now, StartUnixMs = ongoing ? current.StartUnixMs : now,
            }).ConfigureAwait(false);
        }
        finally
        {
            transaction.Gate.Release();
        }
    }

    /// <summary>Makes a group's offsets part of the transaction: the partition of __consumer_offsets where they live.</summary>
    public ValueTask<ErrorCode> AddOffsetsAsync(
        RequestContext context, string transactionalId, long producerId, short epoch, string groupId, CancellationToken cancel) =>
        groupId.Length == 0
            ? ValueTask.FromResult(ErrorCode.InvalidGroupId)
            : AddPartitionsAsync(context, transactionalId, producerId, epoch, [_groups.OffsetsPartitionFor(groupId)], cancel);

    /// <summary>Offsets that the transaction's commit makes visible.</summary>
    public async ValueTask<ErrorCode[]> CommitOffsetsAsync(
        RequestContext context, string transactionalId, long producerId, short epoch, string groupId, MemberIdentity who,
        IReadOnlyList<OffsetToCommit> offsets, CancellationToken cancel)
    {
        if (Find(transactionalId) is not { } transaction)
        {
            return All(ErrorCode.InvalidProducerIdMapping);
        }
        await transaction.Gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            var current = transaction.Current;
            var error = Check(current, producerId, epoch);
            error = error == ErrorCode.ProducerFenced ? ErrorCode.InvalidProducerEpoch
                : error != ErrorCode.None ? error
                : !Admits(transaction, ConnectionUse.Offsets, context) ? ErrorCode.CoordinatorNotAvailable
                : current!.Status != TransactionStatus.Ongoing || !current.Partitions.Contains(_groups.OffsetsPartitionFor(groupId)) ? ErrorCode.InvalidTxnState
                : ErrorCode.None;
            return error != ErrorCode.None ? All(error) : await _groups.CommitAsync(groupId, who, offsets, (producerId, epoch)).ConfigureAwait(false);
        }
        finally
        {
            transaction.Gate.Release();
        }

        ErrorCode[] All(ErrorCode error)
        {
            var errors = new ErrorCode[offsets.Count];
            Array.Fill(errors, error);
            return errors;
        }
    }
}
