using System.Net;

namespace Cassandra;

/// <summary>A coordinator waited in vain for replicas.</summary>
public abstract class QueryTimeoutException(string message, ConsistencyLevel consistencyLevel, int receivedAcknowledgements, int requiredAcknowledgements)
    : QueryExecutionException(message)
{
    public ConsistencyLevel ConsistencyLevel { get; } = consistencyLevel;

    /// <summary>Replicas that answered.</summary>
    public int ReceivedAcknowledgements { get; } = receivedAcknowledgements;

    /// <summary>Replicas whose answer the consistency level needs.</summary>
    public int RequiredAcknowledgements { get; } = requiredAcknowledgements;
}

/// <summary>A read timed out at the coordinator (0x1200).</summary>
public sealed class ReadTimeoutException(ConsistencyLevel consistencyLevel, int receivedAcknowledgements, int requiredAcknowledgements, bool dataPresent)
    : QueryTimeoutException(
        $"Server timeout during read query at consistency {consistencyLevel} ({receivedAcknowledgements} of {requiredAcknowledgements} replicas answered, data {(dataPresent ? "present" : "missing")}).",
        consistencyLevel,
        receivedAcknowledgements,
        requiredAcknowledgements)
{
    /// <summary>Whether the replica asked for data (not a digest) answered.</summary>
    public bool WasDataRetrieved { get; } = dataPresent;
}

/// <summary>A write timed out at the coordinator (0x1100): it may have happened, may yet happen, or not.</summary>
public sealed class WriteTimeoutException(ConsistencyLevel consistencyLevel, int receivedAcknowledgements, int requiredAcknowledgements, string writeType)
    : QueryTimeoutException(
        $"Server timeout during write query ({writeType}) at consistency {consistencyLevel} ({receivedAcknowledgements} of {requiredAcknowledgements} replicas acknowledged).",
        consistencyLevel,
        receivedAcknowledgements,
        requiredAcknowledgements)
{
    /// <summary>SIMPLE, BATCH, UNLOGGED_BATCH, COUNTER, BATCH_LOG, CAS, VIEW or CDC.</summary>
    public string WriteType { get; } = writeType;
}

/// <summary>Too few replicas are alive for the consistency level (0x1000); nothing was tried.</summary>
public sealed class UnavailableException(ConsistencyLevel consistency, int requiredReplicas, int aliveReplicas)
    : QueryExecutionException($"Not enough replicas available for query at consistency {consistency} ({requiredReplicas} required but only {aliveReplicas} alive).")
{
    public ConsistencyLevel Consistency { get; } = consistency;

    public int RequiredReplicas { get; } = requiredReplicas;

    public int AliveReplicas { get; } = aliveReplicas;
}

/// <summary>Replicas failed while reading (0x1300).</summary>
public sealed class ReadFailureException(
    ConsistencyLevel consistencyLevel, int receivedAcknowledgements, int requiredAcknowledgements, bool dataPresent, IReadOnlyDictionary<IPAddress, int> reasons)
    : QueryExecutionException($"{reasons.Count} replica(s) failed during read query at consistency {consistencyLevel} ({receivedAcknowledgements} of {requiredAcknowledgements} answered).")
{
    public ConsistencyLevel ConsistencyLevel { get; } = consistencyLevel;

    public int ReceivedAcknowledgements { get; } = receivedAcknowledgements;

    public int RequiredAcknowledgements { get; } = requiredAcknowledgements;

    public bool WasDataRetrieved { get; } = dataPresent;

    /// <summary>Failure code by replica (RequestFailureReason of the server).</summary>
    public IReadOnlyDictionary<IPAddress, int> Reasons { get; } = reasons;
}

/// <summary>Replicas failed while writing (0x1500).</summary>
public sealed class WriteFailureException(
    ConsistencyLevel consistencyLevel, int receivedAcknowledgements, int requiredAcknowledgements, string writeType, IReadOnlyDictionary<IPAddress, int> reasons)
    : QueryExecutionException($"{reasons.Count} replica(s) failed during write query ({writeType}) at consistency {consistencyLevel} ({receivedAcknowledgements} of {requiredAcknowledgements} acknowledged).")
{
    public ConsistencyLevel ConsistencyLevel { get; } = consistencyLevel;

    public int ReceivedAcknowledgements { get; } = receivedAcknowledgements;

    public int RequiredAcknowledgements { get; } = requiredAcknowledgements;

    public string WriteType { get; } = writeType;

    /// <summary>Failure code by replica (RequestFailureReason of the server).</summary>
    public IReadOnlyDictionary<IPAddress, int> Reasons { get; } = reasons;
}

/// <summary>A user-defined function failed (0x1400).</summary>
public sealed class FunctionFailureException(string message) : DriverException(message);

/// <summary>TRUNCATE failed (0x1003).</summary>
public sealed class TruncateException(string message) : QueryExecutionException(message);

/// <summary>The coordinator is overloaded (0x1001); another node, or later, may do.</summary>
public sealed class OverloadedException(string message) : QueryExecutionException(message);

/// <summary>The coordinator is still bootstrapping (0x1002); another node will do.</summary>
public sealed class IsBootstrappingException(string message) : QueryExecutionException(message);

/// <summary>Something unexpected happened in the server (0x0000, and codes this client does not know).</summary>
public sealed class ServerErrorException(string message) : QueryExecutionException(message);
