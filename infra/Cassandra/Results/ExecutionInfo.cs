using System.Net;
using Cassandra.Protocol;

namespace Cassandra;

/// <summary>How a request was executed.</summary>
public sealed class ExecutionInfo
{
    private readonly Response response;
    private readonly Session session;
    private readonly IReadOnlyList<IPEndPoint>? failed;

    internal ExecutionInfo(Response response, Session session, Host host, IReadOnlyList<IPEndPoint>? failed, ConsistencyLevel consistency)
    {
        this.response = response;
        this.session = session;
        QueriedHost = host.Address;
        this.failed = failed;
        AchievedConsistency = consistency;
    }

    /// <summary>Who answered.</summary>
    public IPEndPoint QueriedHost { get; }

    /// <summary>Who was tried, in order; the last one answered.</summary>
    public IReadOnlyList<IPEndPoint> TriedHosts => failed is null ? [QueriedHost] : [.. failed, QueriedHost];

    /// <summary>The level it was answered at.</summary>
    public ConsistencyLevel AchievedConsistency { get; }

    /// <summary>The server's warnings, or null.</summary>
    public IReadOnlyList<string>? Warnings => response.Warnings;

    /// <summary>The server's payload, or null.</summary>
    public IReadOnlyDictionary<string, byte[]>? IncomingPayload => response.CustomPayload;

    /// <summary>The trace, if one was asked for; its parts are read when they are asked for.</summary>
    public QueryTrace? QueryTrace => response.TracingId is { } id ? new QueryTrace(id, session) : null;

    /// <summary>The trace, read; null if none was asked for.</summary>
    /// <exception cref="TraceRetrievalException">It is not complete after some seconds.</exception>
    public async Task<QueryTrace?> GetQueryTraceAsync() => QueryTrace is { } trace ? await trace.LoadAsync().ConfigureAwait(false) : null;

    /// <summary>After a schema change: whether all nodes agreed within the time allowed. Else true.</summary>
    public bool IsSchemaInAgreement { get; internal set; } = true;
}
