using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using Cassandra.Protocol;
using Microsoft.Extensions.Logging;

namespace Cassandra;

/// <summary>A Cassandra cluster: keeps hosts, schema and the prepared statements of its sessions up to date. One per application; thread-safe.</summary>
public sealed class Cluster : ICluster
{
    private readonly IConnectionFactory factory;
    private readonly ConnectionOptions connectionOptions;
    private readonly SemaphoreSlim connecting = new(1, 1);
    private readonly ConcurrentDictionary<Session, bool> sessions = new();
    private readonly HostMonitor monitor;
    private bool initialized;
    private int disposed;

    internal Cluster(Configuration configuration, IConnectionFactory? factory = null)
    {
        Configuration = configuration;
        this.factory = factory ?? new ConnectionFactory(configuration.Time, configuration.Logging.CreateLogger("Cassandra"));
        connectionOptions = ToConnectionOptions(configuration);
        connectionOptions.Validate();
        Log = configuration.Logging.CreateLogger("Cassandra");
        Prepared = new PreparedCache(Log);
        Metrics = new ClientMetrics(
            configuration.Time, () => sessions.Keys.Sum(session => session.InFlight), () => sessions.Keys.Sum(session => session.Connections),
            () => Metadata.Topology.Hosts.Count(host => !host.IsUp));
        monitor = new HostMonitor(this);
        Control = new ControlConnection(this);
    }

    /// <inheritdoc/>
    public event Action<Host>? HostAdded;

    /// <inheritdoc/>
    public event Action<Host>? HostRemoved;

    /// <inheritdoc/>
    public Metadata Metadata { get; } = new();

    /// <inheritdoc/>
    public Configuration Configuration { get; }

    internal ILogger Log { get; }

    internal ClientMetrics Metrics { get; }

    internal PreparedCache Prepared { get; }

    internal ControlConnection Control { get; }

    internal bool IsDisposed => Volatile.Read(ref disposed) != 0;

    internal ICollection<Session> Sessions => sessions.Keys;

    /// <summary>Begins to build one.</summary>
    public static Builder Builder() => new();

    /// <inheritdoc/>
    public ICollection<Host> AllHosts() => Metadata.AllHosts();

    /// <inheritdoc/>
    public Host? GetHost(IPEndPoint address) => Metadata.GetHost(address);

    /// <inheritdoc/>
    public ICollection<Host> GetReplicas(string? keyspace, byte[] partitionKey) => Metadata.GetReplicas(keyspace, partitionKey);

    /// <inheritdoc/>
    public ICollection<Host> GetReplicas(byte[] partitionKey) => Metadata.GetReplicas(partitionKey);

    /// <inheritdoc/>
    public ISession Connect() => ConnectAsync().GetAwaiter().GetResult();

    /// <inheritdoc/>
    public ISession Connect(string? keyspace) => ConnectAsync(keyspace).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public Task<ISession> ConnectAsync() => ConnectAsync(Configuration.DefaultKeyspace);

    /// <inheritdoc/>
    public async Task<ISession> ConnectAsync(string? keyspace)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        await InitializeAsync().ConfigureAwait(false);
        Session session = new(this, null);
        sessions.TryAdd(session, true);
        try
        {
            await session.OpenAsync(Metadata.Topology.Hosts).ConfigureAwait(false);
            if (keyspace is not null)
            {
                await session.ExecuteAsync(new SimpleStatement($"USE \"{keyspace.Replace("\"", "\"\"")}\"").SetIdempotence(true)).ConfigureAwait(false);
            }
            return session;
        }
        catch
        {
            await session.ShutdownAsync(0).ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public Task<bool> RefreshSchemaAsync(string? keyspace = null, string? table = null) => Control.RefreshSchemaAsync(keyspace, CancellationToken.None);

    /// <inheritdoc/>
    public bool RefreshSchema(string? keyspace = null, string? table = null) => RefreshSchemaAsync(keyspace, table).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public void Shutdown(int timeoutMs = 5000) => ShutdownAsync(timeoutMs).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public async Task ShutdownAsync(int timeoutMs = 5000)
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
        {
            return;
        }
        await Task.WhenAll(sessions.Keys.Select(session => session.ShutdownAsync(timeoutMs))).ConfigureAwait(false);
        await Control.DisposeAsync().ConfigureAwait(false);
        await monitor.DisposeAsync().ConfigureAwait(false);
        Configuration.Policies.SpeculativeExecutionPolicy.Dispose();
        Metrics.Dispose();
    }

    /// <summary>Closes, and blocks meanwhile.</summary>
    public void Dispose() => ShutdownAsync().GetAwaiter().GetResult();

    /// <summary>Closes.</summary>
    public async ValueTask DisposeAsync() => await ShutdownAsync().ConfigureAwait(false);

    internal Task<IConnection> OpenConnectionAsync(IPEndPoint address, CancellationToken ct) => factory.OpenAsync(address, connectionOptions, ct);

    // a contact point is tried before the policy knows what is near
    internal bool IsUsed(Host host) => !initialized || Configuration.Policies.LoadBalancingPolicy.Distance(host) != HostDistance.Ignored;

    internal void Forget(Session session) => sessions.TryRemove(session, out _);

    /// <summary>A session has lost its last connection to the host: it is down unless another session still has one.</summary>
    internal void Unreachable(Host host)
    {
        if (!IsDisposed && !sessions.Keys.Any(session => session.PoolOf(host)?.OpenConnections > 0))
        {
            monitor.Down(host);
        }
    }

    /// <summary>A node says that the host is up: it is tried now rather than when its turn comes.</summary>
    internal void SaidToBeUp(Host host) => monitor.Hurry(host);

    /// <summary>The hosts have changed: what joined gets connections, what left loses them.</summary>
    internal void HostsChanged(IReadOnlyList<Host> added, IReadOnlyList<Host> removed)
    {
        foreach (Host host in removed)
        {
            Log.HostRemoved(host.Address);
            monitor.Forget(host);
            foreach (Session session in sessions.Keys)
            {
                _ = session.RemoveAsync(host);
            }
            Raise(HostRemoved, host);
        }
        foreach (Host host in added)
        {
            Log.HostAdded(host.Address, host.Datacenter);
            if (initialized)
            {
                monitor.Joining(host);
            }
            Raise(HostAdded, host);
        }
    }

    private void Raise(Action<Host>? handlers, Host host) => Guarded(() => handlers?.Invoke(host));

    /// <summary>Handlers of events are the application's: what they throw is recorded and stops nothing.</summary>
    internal void Guarded(Action handlers)
    {
        try
        {
            handlers();
        }
        catch (Exception error)
        {
            Log.HandlerFailed(error);
        }
    }

    private static ConnectionOptions ToConnectionOptions(Configuration configuration)
    {
        PoolingOptions pooling = configuration.PoolingOptions;
        return new ConnectionOptions
        {
            Compression = configuration.Compression == CompressionType.LZ4 ? Protocol.Compression.Lz4 : Protocol.Compression.None,
            AuthProvider = configuration.AuthProvider,
            Tls = configuration.SslOptions is { } ssl ? ToTls(ssl) : null,
            TlsHostName = configuration.SslOptions?.HostNameResolver,
            ConnectTimeout = configuration.ConnectTimeout < TimeSpan.FromMinutes(5) ? configuration.ConnectTimeout : TimeSpan.FromMinutes(5),
            HeartbeatInterval = pooling.GetHeartBeatInterval() == 0
                ? TimeSpan.FromHours(1)
                : TimeSpan.FromMilliseconds(Math.Clamp(pooling.GetHeartBeatInterval(), 1000, 3_600_000)),
            MaxInFlight = pooling.GetMaxRequestsPerConnection(),
            MaxWaiting = pooling.GetMaxRequestsPerConnection(), // a short queue, then BusyPoolException
        };
    }

    private static SslClientAuthenticationOptions ToTls(SSLOptions ssl) => new()
    {
        EnabledSslProtocols = ssl.SslProtocol,
        CertificateRevocationCheckMode = ssl.CheckCertificateRevocation
            ? System.Security.Cryptography.X509Certificates.X509RevocationMode.Online
            : System.Security.Cryptography.X509Certificates.X509RevocationMode.NoCheck,
        RemoteCertificateValidationCallback = ssl.RemoteCertValidationCallback,
        ClientCertificates = ssl.CertificateCollection,
    };

    private async Task InitializeAsync()
    {
        await connecting.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!initialized)
            {
                if (Metadata.Topology.Hosts.Length == 0)
                {
                    await Control.ConnectAsync().ConfigureAwait(false);
                }
                Configuration.Policies.LoadBalancingPolicy.Initialize(this);
                Configuration.Policies.SpeculativeExecutionPolicy.Initialize(this);
                initialized = true;
            }
        }
        finally
        {
            connecting.Release();
        }
    }
}
