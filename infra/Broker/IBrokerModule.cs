using Microsoft.Extensions.Logging;
using StreamPlatform.Broker.Requests;
using StreamPlatform.Broker.Storage;
using StreamPlatform.Broker.Wire;

namespace StreamPlatform.Broker;

/// <summary>A coordinator with its own state and requests (groups, transactions). Started after the logs are open and before the
/// listener accepts; disposed after the last connection is gone and before the logs are closed.</summary>
public interface IBrokerModule : IAsyncDisposable
{
    IReadOnlyList<IRequestHandler> Handlers { get; }

    /// <summary>Loads its state from the internal topics.</summary>
    ValueTask StartAsync(CancellationToken cancel);
}

/// <summary>What modules and request handlers share.</summary>
public sealed class BrokerServices
{
    public required BrokerOptions Options { get; init; }
    public required TimeProvider Time { get; init; }
    public required ILoggerFactory Loggers { get; init; }
    public required ILogManager Logs { get; init; }
    /// <summary>Known once the listener is bound.</summary>
    public BrokerAddress Address { get; set; } = new(1, "127.0.0.1", 0);
    /// <summary>Set by the transaction module; null: transactional batches are accepted as they come.</summary>
    public ITransactionGate? TransactionGate { get; set; }
}

/// <summary>The node as Metadata and FindCoordinator name it.</summary>
public sealed record BrokerAddress(int NodeId, string Host, int Port);

/// <summary>Asked by Produce before a transactional batch is appended.</summary>
public interface ITransactionGate
{
    /// <summary>None, or the error to answer for this partition (for example a partition that is not part of the transaction, a fenced epoch,
    /// a connection older than the last one this producer epoch used).</summary>
    ErrorCode CheckProduce(RequestContext context, string transactionalId, long producerId, short producerEpoch, string topic, int partition);
}
