using System.Net;

namespace Cassandra;

/// <summary>No node could be tried, or all that were tried failed.</summary>
public sealed class NoHostAvailableException(IReadOnlyDictionary<IPEndPoint, Exception> errors)
    : DriverException(Describe(errors), errors.Values.FirstOrDefault())
{
    /// <summary>What each tried node answered; empty when no node was up.</summary>
    public IReadOnlyDictionary<IPEndPoint, Exception> Errors { get; } = errors;

    private static string Describe(IReadOnlyDictionary<IPEndPoint, Exception> errors) => errors.Count == 0
        ? "No host is available: none is up."
        : $"All {errors.Count} host(s) tried for the query failed: {string.Join("; ", errors.Take(3).Select(error => $"{error.Key}: {error.Value.Message}"))}";
}

/// <summary>This client waited its whole timeout for an answer. A write may have happened.</summary>
public sealed class OperationTimedOutException(EndPoint? endPoint, TimeSpan timeout)
    : DriverException($"The host {endPoint} did not answer within {timeout.TotalMilliseconds:0} ms.")
{
    public EndPoint? EndPoint { get; } = endPoint;

    public TimeSpan Timeout { get; } = timeout;
}

/// <summary>More requests wait for this node already than may; nothing was sent.</summary>
public sealed class BusyPoolException(EndPoint? endPoint, int maxInFlight, int waiting)
    : DriverException($"All connections to {endPoint} are busy: {maxInFlight} requests in flight, {waiting} waiting.")
{
    public EndPoint? EndPoint { get; } = endPoint;

    public int MaxInFlight { get; } = maxInFlight;

    public int Waiting { get; } = waiting;
}

/// <summary>The connection failed or was closed. <see cref="RequestSent"/> says whether the request can have reached the server.</summary>
internal sealed class ConnectionClosedException(EndPoint? endPoint, bool requestSent, Exception? cause)
    : DriverException($"The connection to {endPoint} is closed{(cause is null ? "" : $": {Reason(cause)}")}", cause)
{
    public EndPoint? EndPoint { get; } = endPoint;

    /// <summary>False: the request never left, any other node may take it, idempotent or not.</summary>
    public bool RequestSent { get; } = requestSent;

    // TLS says at the bottom what happened ("alert bad certificate"), and above it only that something did
    private static string Reason(Exception cause)
    {
        Exception root = cause.GetBaseException();
        return cause.Message.Contains(root.Message, StringComparison.Ordinal) ? cause.Message : $"{cause.Message} ({root.Message})";
    }
}

/// <summary>Bytes from the wire that the protocol does not allow: the connection they came on is of no more use.</summary>
internal sealed class MalformedDataException(string message) : DriverException(message);
