using Microsoft.Extensions.Logging;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Transactions;

/// <summary>What transactions say in the log.</summary>
internal static partial class TransactionLog
{
    [LoggerMessage(2101, LogLevel.Information, "Loaded {Transactions} transactional ids from __transaction_state, {Finished} prepared ones ended, in {ElapsedMs} ms")]
    public static partial void Loaded(ILogger logger, int transactions, int finished, long elapsedMs);

    [LoggerMessage(2102, LogLevel.Warning, "Record at offset {Offset} of __transaction_state-{Partition} cannot be read and is skipped")]
    public static partial void Unreadable(ILogger logger, Exception exception, long offset, int partition);

    [LoggerMessage(2103, LogLevel.Information, "Transaction of {TransactionalId} (producer {ProducerId} epoch {Epoch}) exceeded its {TimeoutMs} ms and is aborted")]
    public static partial void Overdue(ILogger logger, string transactionalId, long producerId, short epoch, int timeoutMs);

    [LoggerMessage(2104, LogLevel.Warning, "Marker of {TransactionalId} could not be written to {Topic}-{Partition}: {Error}; tried again later")]
    public static partial void MarkerFailed(ILogger logger, string transactionalId, string topic, int partition, ErrorCode error);

    [LoggerMessage(2105, LogLevel.Warning, "Marker of {TransactionalId} is not needed in {Topic}-{Partition}, which has seen a newer epoch of the producer: {Error}")]
    public static partial void MarkerFenced(ILogger logger, string transactionalId, string topic, int partition, ErrorCode error);

    [LoggerMessage(2106, LogLevel.Warning, "The end of the transaction of {TransactionalId} was not saved ({Error}); its markers would be written again after a restart")]
    public static partial void EndNotSaved(ILogger logger, string transactionalId, ErrorCode error);

    [LoggerMessage(2107, LogLevel.Debug, "{Request} of {TransactionalId} from connection {Connection} ignored: the producer has moved to a younger connection")]
    public static partial void Overtaken(ILogger logger, ApiKey request, string transactionalId, long connection);

    [LoggerMessage(2108, LogLevel.Error, "Looking for overdue transactions failed; tried again at the next round")]
    public static partial void SweepFailed(ILogger logger, Exception exception);
}
