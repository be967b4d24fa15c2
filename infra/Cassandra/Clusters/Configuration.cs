using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cassandra;

/// <summary>All that a cluster is built from.</summary>
public sealed class Configuration
{
    /// <summary>Contact points at most.</summary>
    public const int MaxContactPoints = 100;

    /// <summary>Host names or addresses, in the order given.</summary>
    public IReadOnlyList<EndPoint> ContactPoints { get; internal init; } = [];

    /// <summary>The port of contact points that name none, and of nodes that do not say theirs. Default 9042.</summary>
    public int Port { get; internal init; } = 9042;

    /// <summary>The policies.</summary>
    public Policies Policies { get; internal init; } = new(null, null, null);

    /// <summary>The pools.</summary>
    public PoolingOptions PoolingOptions { get; internal init; } = new();

    /// <summary>The connections.</summary>
    public SocketOptions SocketOptions { get; internal init; } = new();

    /// <summary>The statements.</summary>
    public QueryOptions QueryOptions { get; internal init; } = new();

    /// <summary>How frames are compressed. Default: not.</summary>
    public CompressionType Compression { get; internal init; }

    /// <summary>Null connects in the clear.</summary>
    public SSLOptions? SslOptions { get; internal init; }

    /// <summary>The deadline of a request over all its attempts. Default 20 s, range 1 ms to 1 h.</summary>
    public TimeSpan QueryTimeout { get; internal init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a schema change waits for the nodes to agree. Default 10 s, range 0 (does not wait) to 10 min.</summary>
    public TimeSpan MaxSchemaAgreementWait { get; internal init; } = TimeSpan.FromSeconds(10);

    /// <summary>The keyspace of sessions that name none.</summary>
    public string? DefaultKeyspace { get; internal init; }

    /// <summary>What nodes know the client as.</summary>
    public string? ApplicationName { get; internal init; }

    /// <summary>Null: the client says nothing of who it is, and a node that asks refuses it.</summary>
    public IAuthProvider? AuthProvider { get; internal init; }

    internal TimeProvider Time { get; init; } = TimeProvider.System;

    internal ILoggerFactory Logging { get; init; } = NullLoggerFactory.Instance;

    internal TimeSpan AttemptTimeout => TimeSpan.FromMilliseconds(SocketOptions.ReadTimeoutMillis);

    internal TimeSpan ConnectTimeout => TimeSpan.FromMilliseconds(SocketOptions.ConnectTimeoutMillis);

    /// <exception cref="ArgumentException">Names the value and its range.</exception>
    internal void Validate()
    {
        PoolingOptions.Range(ContactPoints.Count, 1, MaxContactPoints, "number of contact points");
        PoolingOptions.Range(Port, 1, 65_535, "port");
        PoolingOptions.Range((long)QueryTimeout.TotalMilliseconds, 1, 3_600_000, "query timeout (ms)");
        PoolingOptions.Range((long)MaxSchemaAgreementWait.TotalMilliseconds, 0, 600_000, "schema agreement wait (ms)");
        PoolingOptions.Validate();
        SocketOptions.Validate();
        QueryOptions.Validate();
    }
}
