using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Cassandra;

/// <summary>Frames as they are, or compressed with LZ4 (Snappy, which the official driver names too, is not in protocol v5).</summary>
public enum CompressionType
{
    /// <summary>As they are.</summary>
    NoCompression = 0,

    /// <summary>LZ4.</summary>
    LZ4 = 2,
}

/// <summary>Gathers what a cluster is built from; see <see cref="Configuration"/> for defaults and ranges.</summary>
public sealed class Builder
{
    private readonly List<(string Host, int? Port)> names = [];
    private readonly List<IPEndPoint> addresses = [];
    private int port = 9042;
    private IAuthProvider? authProvider;
    private SSLOptions? ssl;
    private CompressionType compression;
    private PoolingOptions pooling = new();
    private SocketOptions sockets = new();
    private QueryOptions queries = new();
    private TimeSpan queryTimeout = TimeSpan.FromSeconds(20);
    private TimeSpan schemaAgreement = TimeSpan.FromSeconds(10);
    private ILoadBalancingPolicy? loadBalancing;
    private IReconnectionPolicy? reconnection;
    private IRetryPolicy? retry;
    private ISpeculativeExecutionPolicy? speculative;
    private string? keyspace;
    private string? applicationName;
    private TimeProvider time = TimeProvider.System;
    private ILoggerFactory logging = NullLoggerFactory.Instance;

    /// <summary>A node to begin with: a host name, an address, or either with ":port".</summary>
    public Builder AddContactPoint(string contactPoint)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(contactPoint);
        if (contactPoint[0] != '[' && IPAddress.TryParse(contactPoint, out _))
        {
            names.Add((contactPoint, null)); // an IPv6 address is full of colons
        }
        else if (IPEndPoint.TryParse(contactPoint, out IPEndPoint? endPoint))
        {
            names.Add((endPoint.Address.ToString(), endPoint.Port == 0 ? null : endPoint.Port));
        }
        else
        {
            int colon = contactPoint.LastIndexOf(':');
            names.Add(colon > 0 && int.TryParse(contactPoint[(colon + 1)..], out int own) ? (contactPoint[..colon], own) : (contactPoint, null));
        }
        return this;
    }

    /// <summary>A node to begin with.</summary>
    public Builder AddContactPoint(IPEndPoint address)
    {
        addresses.Add(address);
        return this;
    }

    /// <summary>A node to begin with, at <see cref="Configuration.Port"/>.</summary>
    public Builder AddContactPoint(IPAddress address)
    {
        names.Add((address.ToString(), null));
        return this;
    }

    /// <summary>Nodes to begin with.</summary>
    public Builder AddContactPoints(IEnumerable<string> contactPoints) => AddContactPoints([.. contactPoints]);

    /// <summary>Nodes to begin with.</summary>
    public Builder AddContactPoints(IEnumerable<IPAddress> contactPoints) => AddContactPoints([.. contactPoints]);

    /// <summary>Nodes to begin with.</summary>
    public Builder AddContactPoints(IEnumerable<IPEndPoint> contactPoints) => AddContactPoints([.. contactPoints]);

    /// <summary>Nodes to begin with.</summary>
    public Builder AddContactPoints(params IPAddress[] contactPoints)
    {
        Array.ForEach(contactPoints, address => AddContactPoint(address));
        return this;
    }

    /// <summary>Nodes to begin with.</summary>
    public Builder AddContactPoints(params string[] contactPoints)
    {
        Array.ForEach(contactPoints, contactPoint => AddContactPoint(contactPoint));
        return this;
    }

    /// <summary>Nodes to begin with.</summary>
    public Builder AddContactPoints(params IPEndPoint[] contactPoints)
    {
        addresses.AddRange(contactPoints);
        return this;
    }

    /// <summary>See <see cref="Configuration.Port"/>.</summary>
    public Builder WithPort(int port) => Set(ref this.port, port);

    /// <summary>For PasswordAuthenticator.</summary>
    public Builder WithCredentials(string username, string password) => WithAuthProvider(new PlainTextAuthProvider(username, password));

    /// <summary>See <see cref="Configuration.AuthProvider"/>.</summary>
    public Builder WithAuthProvider(IAuthProvider authProvider) => Set(ref this.authProvider, authProvider);

    /// <summary>TLS with the default check of certificates.</summary>
    public Builder WithSSL() => WithSSL(new SSLOptions());

    /// <summary>TLS.</summary>
    public Builder WithSSL(SSLOptions sslOptions) => Set(ref ssl, sslOptions);

    /// <summary>See <see cref="Configuration.Compression"/>.</summary>
    public Builder WithCompression(CompressionType compression) => Set(ref this.compression, compression);

    /// <summary>See <see cref="PoolingOptions"/>.</summary>
    public Builder WithPoolingOptions(PoolingOptions value) => Set(ref pooling, value);

    /// <summary>See <see cref="SocketOptions"/>.</summary>
    public Builder WithSocketOptions(SocketOptions value) => Set(ref sockets, value);

    /// <summary>See <see cref="QueryOptions"/>.</summary>
    public Builder WithQueryOptions(QueryOptions options) => Set(ref queries, options);

    /// <summary>Milliseconds; see <see cref="Configuration.QueryTimeout"/>.</summary>
    public Builder WithQueryTimeout(int queryAbortTimeout) => Set(ref queryTimeout, TimeSpan.FromMilliseconds(queryAbortTimeout));

    /// <summary>Seconds; see <see cref="Configuration.MaxSchemaAgreementWait"/>.</summary>
    public Builder WithMaxSchemaAgreementWaitSeconds(int maxSchemaAgreementWaitSeconds) =>
        Set(ref schemaAgreement, TimeSpan.FromSeconds(maxSchemaAgreementWaitSeconds));

    /// <summary>See <see cref="Policies.LoadBalancingPolicy"/>.</summary>
    public Builder WithLoadBalancingPolicy(ILoadBalancingPolicy policy) => Set(ref loadBalancing, policy);

    /// <summary>See <see cref="Policies.ReconnectionPolicy"/>.</summary>
    public Builder WithReconnectionPolicy(IReconnectionPolicy policy) => Set(ref reconnection, policy);

    /// <summary>See <see cref="Policies.RetryPolicy"/>.</summary>
    public Builder WithRetryPolicy(IRetryPolicy policy) => Set(ref retry, policy);

    /// <summary>See <see cref="Policies.SpeculativeExecutionPolicy"/>.</summary>
    public Builder WithSpeculativeExecutionPolicy(ISpeculativeExecutionPolicy policy) => Set(ref speculative, policy);

    /// <summary>See <see cref="Configuration.DefaultKeyspace"/>.</summary>
    public Builder WithDefaultKeyspace(string keyspace) => Set(ref this.keyspace, keyspace);

    /// <summary>See <see cref="Configuration.ApplicationName"/>.</summary>
    public Builder WithApplicationName(string name) => Set(ref applicationName, name);

    /// <summary>Where the client logs (the official driver has a static switch: Diagnostics.AddLoggerProvider).</summary>
    public Builder WithLogging(ILoggerFactory factory) => Set(ref logging, factory);

    /// <summary>The clock of waits and time-outs (tests).</summary>
    internal Builder WithTime(TimeProvider time) => Set(ref this.time, time);

    /// <summary>The cluster; it connects when a session is asked for.</summary>
    /// <exception cref="ArgumentException">Names the value that is out of range.</exception>
    public Cluster Build() => new(BuildConfiguration());

    internal Configuration BuildConfiguration()
    {
        Configuration configuration = new()
        {
            ContactPoints = [.. addresses, .. names.Select(ToEndPoint)],
            Port = port,
            Policies = new Policies(loadBalancing, reconnection, retry, speculative),
            PoolingOptions = pooling,
            SocketOptions = sockets,
            QueryOptions = queries,
            Compression = compression,
            SslOptions = ssl,
            QueryTimeout = queryTimeout,
            MaxSchemaAgreementWait = schemaAgreement,
            DefaultKeyspace = keyspace,
            ApplicationName = applicationName,
            AuthProvider = authProvider,
            Time = time,
            Logging = logging,
        };
        configuration.Validate();
        return configuration;
    }

    private EndPoint ToEndPoint((string Host, int? Port) name) =>
        IPAddress.TryParse(name.Host, out IPAddress? address) ? new IPEndPoint(address, name.Port ?? port) : new DnsEndPoint(name.Host, name.Port ?? port);

    private Builder Set<T>(ref T field, T value)
    {
        field = value;
        return this;
    }
}
