using StreamPlatform.Broker.Groups;
using StreamPlatform.Broker.Requests;
using StreamPlatform.Broker.Storage;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Transactions;

internal sealed partial class TransactionCoordinator
{
    /// <summary>Commits or aborts. Repeating what was done is fine; the opposite is INVALID_TXN_STATE.</summary>
    public async ValueTask<ErrorCode> EndAsync(
        RequestContext context, string transactionalId, long producerId, short epoch, bool commit, CancellationToken cancel)
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
            return current!.Status switch
            {
                TransactionStatus.Ongoing => await DecideAsync(transaction, current, commit).ConfigureAwait(false),
                TransactionStatus.PrepareCommit when commit => await FinishAsync(transaction).ConfigureAwait(false),
                TransactionStatus.PrepareAbort when !commit => await FinishAsync(transaction).ConfigureAwait(false),
                TransactionStatus.CompleteCommit when commit => ErrorCode.None,
                TransactionStatus.CompleteAbort when !commit => ErrorCode.None,
                _ => ErrorCode.InvalidTxnState,
            };
        }
        finally
        {
            transaction.Gate.Release();
        }
    }

    private async ValueTask<ErrorCode> DecideAsync(Transaction transaction, TransactionMetadata current, bool commit)
    {
        var error = await SaveAsync(
            transaction, current.With(commit ? TransactionStatus.PrepareCommit : TransactionStatus.PrepareAbort, NowUnixMs)).ConfigureAwait(false);
        return error == ErrorCode.None ? await FinishAsync(transaction).ConfigureAwait(false) : error;
    }

    /// <summary>Aborts with a higher epoch, so that whatever its producer still sends is refused everywhere.</summary>
    private async ValueTask<ErrorCode> FenceAndAbortAsync(Transaction transaction)
    {
        var current = transaction.Current!;
        var fenced = current with { Epoch = (short)Math.Min(current.Epoch + 1, short.MaxValue), LastEpoch = -1 };
        return await DecideAsync(transaction, fenced, commit: false).ConfigureAwait(false);
    }

    /// <summary>Writes the markers of a decided transaction, then its end. The caller holds the id's gate.</summary>
    private async ValueTask<ErrorCode> FinishAsync(Transaction transaction)
    {
        var current = transaction.Current!;
        var commit = current.Status == TransactionStatus.PrepareCommit;
        var markers = new List<Task<bool>>(current.Partitions.Count);
        foreach (var partition in current.Partitions)
        {
            markers.Add(MarkAsync(transaction.Id, current, partition, commit).AsTask());
        }
        var written = await Task.WhenAll(markers).ConfigureAwait(false);
        if (written.Contains(false))
        {
            return ErrorCode.CoordinatorNotAvailable; // the sweep, or the client, tries again
        }
        var ended = current.With(commit ? TransactionStatus.CompleteCommit : TransactionStatus.CompleteAbort, NowUnixMs) with { Partitions = [] };
        // not waited for: whatever the producer does next is behind it in the same log, and without it a restart only repeats the markers
        _ = ObserveEndAsync(transaction.Id, Log.Save(transaction.Id, ended));
        transaction.Current = ended;
        return ErrorCode.None;
    }

    private async ValueTask<bool> MarkAsync(string transactionalId, TransactionMetadata transaction, PartitionKey partition, bool commit)
    {
        if (_services.Logs.Find(partition.Topic, partition.Partition) is not { } log)
        {
            return true; // the topic was deleted
        }
        var result = await log.AppendMarkerAsync(transaction.ProducerId, transaction.Epoch, CoordinatorEpoch, commit).ConfigureAwait(false);
        if (result.Error is ErrorCode.InvalidProducerEpoch or ErrorCode.TransactionCoordinatorFenced)
        {
            TransactionLog.MarkerFenced(_logger, transactionalId, partition.Topic, partition.Partition, result.Error);
        }
        else if (result.Error != ErrorCode.None)
        {
            TransactionLog.MarkerFailed(_logger, transactionalId, partition.Topic, partition.Partition, result.Error);
            return false;
        }
        if (partition.Topic == OffsetsLog.TopicName)
        {
            _groups.EndTransaction(transaction.ProducerId, partition.Partition, commit);
        }
        return true;
    }

    private async Task ObserveEndAsync(string transactionalId, ValueTask<AppendResult> append)
    {
        try
        {
            var result = await append.ConfigureAwait(false);
            if (result.Error != ErrorCode.None)
            {
                TransactionLog.EndNotSaved(_logger, transactionalId, result.Error);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
        {
            TransactionLog.EndNotSaved(_logger, transactionalId, ErrorCode.KafkaStorageError);
        }
    }

    private async Task SweepAsync()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(_options.AbortTimedOutCheckMs), _services.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                try
                {
                    await SweepOnceAsync().ConfigureAwait(false);
                }
                catch (IOException e)
                {
                    TransactionLog.SweepFailed(_logger, e);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // the broker stops
        }
    }

    private async ValueTask SweepOnceAsync()
    {
        var now = NowUnixMs;
        foreach (var transaction in _transactions.Values.Where(t => NeedsCare(t.Current, now)))
        {
            await transaction.Gate.WaitAsync(_stop.Token).ConfigureAwait(false);
            try
            {
                await CareAsync(transaction, now).ConfigureAwait(false);
            }
            finally
            {
                transaction.Gate.Release();
            }
        }
    }

    private bool NeedsCare(TransactionMetadata? current, long now) =>
        current is not null && (current.IsOverdue(now) || current.IsEnding || IsForgettable(current, now));

    private bool IsForgettable(TransactionMetadata current, long now) =>
        current.Status is TransactionStatus.Empty or TransactionStatus.CompleteAbort or TransactionStatus.CompleteCommit
        && current.LastUpdateUnixMs + _options.TransactionalIdExpiryMs <= now;

    private async ValueTask CareAsync(Transaction transaction, long now)
    {
        // looked at again under the gate: a client may have been faster
        if (transaction.Current is not { } current)
        {
            return;
        }
        if (current.IsOverdue(now))
        {
            TransactionLog.Overdue(_logger, transaction.Id, current.ProducerId, current.Epoch, current.TimeoutMs);
            await FenceAndAbortAsync(transaction).ConfigureAwait(false);
        }
        else if (current.IsEnding)
        {
            await FinishAsync(transaction).ConfigureAwait(false);
        }
        else if (IsForgettable(current, now) && (await Log.Forget(transaction.Id).ConfigureAwait(false)).Error == ErrorCode.None)
        {
            // the object stays for whoever waits for its gate: such a request starts over with a new producer id
            transaction.Current = null;
        }
    }
}
