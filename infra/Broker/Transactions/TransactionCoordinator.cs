using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using StreamPlatform.Broker.Groups;
using StreamPlatform.Broker.Requests;
using StreamPlatform.Broker.Storage;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker.Transactions;

/// <summary>
/// Transactional ids of this broker, kept in __transaction_state. A transaction ends in three steps: the decision is written (from then on it stands, also
/// through a crash), markers are written to every partition of the transaction and to the groups' offsets, the end is written. All three are done before EndTxn is answered,
/// so what a client has committed is visible to the next fetch (Kafka answers after the first step).
/// </summary>
internal sealed partial class TransactionCoordinator : IBrokerModule, ITransactionGate
{
    // one node: nobody else ever was the coordinator
    private const int CoordinatorEpoch = 0;

    private readonly ConcurrentDictionary<string, Transaction> _transactions = new(StringComparer.Ordinal);
    private readonly ProducerIds _producerIds = new();
    private readonly BrokerServices _services;
    private readonly GroupCoordinator _groups;
    private readonly TransactionOptions _options;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private TransactionStateLog? _log;
    private Task _sweep = Task.CompletedTask;

    public TransactionCoordinator(BrokerServices services, GroupCoordinator groups)
    {
        _services = services;
        _groups = groups;
        _options = services.Options.Transactions;
        _logger = services.Loggers.CreateLogger<TransactionCoordinator>();
        services.TransactionGate = this;
        Handlers =
        [
            new InitProducerIdHandler(this), new AddPartitionsToTxnHandler(this, services), new AddOffsetsToTxnHandler(this), new EndTxnHandler(this),
            new TxnOffsetCommitHandler(this), new DescribeTransactionsHandler(this), new ListTransactionsHandler(this, services),
        ];
    }

    public IReadOnlyList<IRequestHandler> Handlers { get; }

    public IEnumerable<Transaction> Transactions => _transactions.Values;

    private TransactionStateLog Log => _log ?? throw new InvalidOperationException("the transaction coordinator is not started");

    private long NowUnixMs => _services.Time.UnixMs();

    public Transaction? Find(string transactionalId) => _transactions.GetValueOrDefault(transactionalId);

    public async ValueTask StartAsync(CancellationToken cancel)
    {
        _log = new TransactionStateLog(_services.Logs, _options, _services.Time);
        var started = _services.Time.MonotonicMs();
        Load(cancel);
        var finished = 0;
        foreach (var transaction in _transactions.Values)
        {
            // decided before the stop: only the markers are missing
            if (transaction.Current is { IsEnding: true })
            {
                await FinishAsync(transaction).ConfigureAwait(false);
                finished++;
            }
        }
        TransactionLog.Loaded(_logger, _transactions.Count, finished, _services.Time.MonotonicMs() - started);
        _sweep = SweepAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _sweep.ConfigureAwait(false);
        foreach (var transaction in _transactions.Values)
        {
            transaction.Dispose();
        }
        _producerIds.Dispose();
        _stop.Dispose();
    }

    public ErrorCode CheckProduce(RequestContext context, string transactionalId, long producerId, short producerEpoch, string topic, int partition)
    {
        var transaction = Find(transactionalId);
        if (transaction?.Current is not { } current || current.ProducerId != producerId)
        {
            return ErrorCode.InvalidProducerIdMapping;
        }
        if (current.Epoch != producerEpoch)
        {
            return ErrorCode.InvalidProducerEpoch;
        }
        if (current.Status != TransactionStatus.Ongoing || !current.Partitions.Contains(new PartitionKey(topic, partition)))
        {
            return ErrorCode.InvalidTxnState;
        }
        return Admits(transaction, ConnectionUse.Produce, context) ? ErrorCode.None : ErrorCode.NetworkException;
    }

    private void Load(CancellationToken cancel)
    {
        foreach (var partition in Log.Partitions)
        {
            foreach (var (header, batch) in InternalTopic.Batches(partition, 1 << 20))
            {
                cancel.ThrowIfCancellationRequested();
                foreach (var record in header.IsControl ? [] : RecordBatchReader.Records(header, batch))
                {
                    try
                    {
                        Load(record);
                    }
                    catch (Exception e) when (e is MalformedRequestException or InvalidDataException)
                    {
                        TransactionLog.Unreadable(_logger, e, record.Offset, partition.Partition);
                    }
                }
            }
        }
    }

    private void Load(LogRecord record)
    {
        if (record.Key is not { } key)
        {
            return;
        }
        if (TransactionRecords.ReadKey(key) is not { } id)
        {
            _producerIds.StartAt(record.Value is { } ids ? TransactionRecords.ReadProducerIds(ids) : 0);
        }
        else if (record.Value is { } value)
        {
            _transactions.GetOrAdd(id, key => new Transaction(key)).Current = TransactionRecords.ReadValue(value);
        }
        else
        {
            _transactions.TryRemove(id, out _);
        }
    }

    private bool Admits(Transaction transaction, ConnectionUse use, RequestContext context)
    {
        if (transaction.Admits(use, context.ConnectionNumber))
        {
            return true;
        }
        TransactionLog.Overtaken(_logger, context.Key, transaction.Id, context.ConnectionNumber);
        return false;
    }

    /// <summary>Writes the next state of an id; it holds once the log has it. The caller holds the id's gate.</summary>
    private async ValueTask<ErrorCode> SaveAsync(Transaction transaction, TransactionMetadata next)
    {
        var result = await Log.Save(transaction.Id, next).ConfigureAwait(false);
        if (result.Error != ErrorCode.None)
        {
            return ErrorCode.CoordinatorNotAvailable;
        }
        transaction.Current = next;
        return ErrorCode.None;
    }

    private static ErrorCode Check(TransactionMetadata? current, long producerId, short epoch) =>
        current is null || current.ProducerId != producerId ? ErrorCode.InvalidProducerIdMapping
        : current.Epoch != epoch ? ErrorCode.ProducerFenced
        : ErrorCode.None;
}
