using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Transactions;

internal sealed partial class TransactionCoordinator
{
    /// <summary>
    /// A producer id and epoch. For a transactional id the epoch is raised, which fences the producer before; its open transaction is aborted first.
    /// </summary>
    public async ValueTask<(ErrorCode Error, long ProducerId, short Epoch)> InitProducerAsync(
        string? transactionalId, int timeoutMs, long expectedProducerId, short expectedEpoch, CancellationToken cancel)
    {
        if (transactionalId is null)
        {
            var (error, id) = await _producerIds.NextAsync(Log).ConfigureAwait(false);
            return error == ErrorCode.None ? (error, id, (short)0) : Refused(error);
        }
        if (transactionalId.Length == 0 || (expectedProducerId < 0 != expectedEpoch < 0))
        {
            return Refused(ErrorCode.InvalidRequest);
        }
        if (timeoutMs <= 0 || timeoutMs > _options.MaxTimeoutMs)
        {
            return Refused(ErrorCode.InvalidTransactionTimeout);
        }
        var transaction = _transactions.GetOrAdd(transactionalId, id => new Transaction(id));
        await transaction.Gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            return await InitLockedAsync(transaction, timeoutMs, expectedProducerId, expectedEpoch).ConfigureAwait(false);
        }
        finally
        {
            transaction.Gate.Release();
        }
    }

    private async ValueTask<(ErrorCode Error, long ProducerId, short Epoch)> InitLockedAsync(
        Transaction transaction, int timeoutMs, long expectedProducerId, short expectedEpoch)
    {
        var current = transaction.Current;
        if (current is not null && expectedProducerId >= 0)
        {
            if (expectedProducerId != current.ProducerId)
            {
                return Refused(ErrorCode.ProducerFenced);
            }
            if (expectedEpoch != current.Epoch)
            {
                // the answer to this producer's last bump was lost and it asks again (KIP-360)
                return expectedEpoch == current.LastEpoch ? (ErrorCode.None, current.ProducerId, current.Epoch) : Refused(ErrorCode.ProducerFenced);
            }
        }
        var error = current switch
        {
            { Status: TransactionStatus.Ongoing } => await FenceAndAbortAsync(transaction).ConfigureAwait(false),
            { IsEnding: true } => await FinishAsync(transaction).ConfigureAwait(false),
            _ => ErrorCode.None,
        };
        if (error != ErrorCode.None)
        {
            return Refused(error);
        }
        (error, var producerId, var epoch) = await NextEpochAsync(transaction.Current).ConfigureAwait(false);
        if (error == ErrorCode.None)
        {
            var lastEpoch = expectedProducerId == producerId ? expectedEpoch : (short)-1;
            error = await SaveAsync(transaction, new TransactionMetadata(
                producerId, epoch, lastEpoch, timeoutMs, TransactionStatus.Empty, [], NowUnixMs, -1)).ConfigureAwait(false);
        }
        if (error != ErrorCode.None)
        {
            return Refused(error);
        }
        transaction.ForgetConnections();
        return (error, producerId, epoch);
    }

    /// <summary>The next epoch, or a new producer id when the epochs are used up (the last one is kept for fencing).</summary>
    private async ValueTask<(ErrorCode Error, long ProducerId, short Epoch)> NextEpochAsync(TransactionMetadata? current)
    {
        if (current is not null && current.Epoch < short.MaxValue - 1)
        {
            return (ErrorCode.None, current.ProducerId, (short)(current.Epoch + 1));
        }
        var (error, id) = await _producerIds.NextAsync(Log).ConfigureAwait(false);
        return (error, id, 0);
    }

    private static (ErrorCode Error, long ProducerId, short Epoch) Refused(ErrorCode error) => (error, -1, -1);
}
