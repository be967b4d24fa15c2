using System.Collections.Concurrent;
using Cassandra.Protocol;
using Microsoft.Extensions.Logging;

namespace Cassandra;

/// <summary>The session: pools to every host that the policy does not ignore, and the path of a request through them.</summary>
internal sealed partial class Session : ISession, IPoolOwner
{
    private const int DrainMs = 5000;

    private readonly Cluster cluster;
    private readonly ConcurrentDictionary<Host, HostPool> pools = new();
    private readonly CancellationTokenSource closing = new();
    private readonly IFirstHostPolicy? firstHost;
    private readonly bool speculates;
    private readonly ILatencyListener? latencies;
    private readonly TimeSpan attemptTimeout;
    private long inFlight;
    private int disposed;

    public Session(Cluster cluster, string? keyspace)
    {
        this.cluster = cluster;
        Keyspace = keyspace;
        Configuration = cluster.Configuration;
        Time = Configuration.Time;
        firstHost = Configuration.Policies.LoadBalancingPolicy as IFirstHostPolicy;
        speculates = Configuration.Policies.SpeculativeExecutionPolicy is not NoSpeculativeExecutionPolicy;
        latencies = Configuration.Policies.SpeculativeExecutionPolicy as ILatencyListener;
        attemptTimeout = Configuration.AttemptTimeout < Configuration.QueryTimeout ? Configuration.AttemptTimeout : Configuration.QueryTimeout;
    }

    public ICluster Cluster => cluster;

    public string? Keyspace { get; private set; }

    public bool IsDisposed => Volatile.Read(ref disposed) != 0;

    public int BinaryProtocolVersion => 5;

    public Configuration Configuration { get; }

    public TimeProvider Time { get; }

    public ClientMetrics Metrics => cluster.Metrics;

    public ILogger Log => cluster.Log;

    public long InFlight => Volatile.Read(ref inFlight);

    public long Connections => pools.Values.Sum(pool => (long)pool.OpenConnections);

    public Task<RowSet> ExecuteAsync(IStatement statement) => ExecuteAsync(statement, CancellationToken.None);

    public Task<RowSet> ExecuteAsync(IStatement statement, CancellationToken cancellationToken) => RunAsync(
        statement as Statement ?? throw new ArgumentException("only the statements of this client can be executed"), null, cancellationToken);

    public Task<PreparedStatement> PrepareAsync(string cqlQuery) => PrepareAsync(cqlQuery, null);

    public async Task<PreparedStatement> PrepareAsync(string cqlQuery, string? keyspace)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(cqlQuery);
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        keyspace ??= Keyspace;
        if (cluster.Prepared.Find(keyspace, cqlQuery) is { } known)
        {
            return known;
        }
        Statement statement = new SimpleStatement(cqlQuery).SetIdempotence(true);
        Answer answer = await new RequestRun(this, statement, null, Time.GetTimestamp())
            .RunAsync(new PrepareRequest(cqlQuery, keyspace), ResultShape.None, null, closing.Token).ConfigureAwait(false);
        if (answer.Response is not PreparedResult result)
        {
            throw new ProtocolErrorException($"{answer.Response.GetType().Name} in answer to PREPARE");
        }
        PreparedStatement prepared = cluster.Prepared.Add(new PreparedStatement(cqlQuery, keyspace, result));
        if (Configuration.QueryOptions.IsPrepareOnAllHosts())
        {
            await Task.WhenAll(pools.Keys.Where(host => host.IsUp && host != answer.Host).Select(host => TryPrepareOnAsync(host, prepared))).ConfigureAwait(false);
        }
        return prepared;
    }

    public void Dispose() => ShutdownAsync().GetAwaiter().GetResult();

    public async ValueTask DisposeAsync() => await ShutdownAsync().ConfigureAwait(false);

    public Task ShutdownAsync() => ShutdownAsync(DrainMs);

    public async Task ShutdownAsync(int timeoutMs)
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
        {
            return;
        }
        long started = Time.GetTimestamp();
        while (InFlight > 0 && Time.GetElapsedTime(started).TotalMilliseconds < timeoutMs)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), Time).ConfigureAwait(false);
        }
        await closing.CancelAsync().ConfigureAwait(false);
        foreach (Host host in pools.Keys)
        {
            await RemoveAsync(host).ConfigureAwait(false);
        }
        cluster.Forget(this);
    }

    /// <summary>Opens the pools; one open connection to any host is enough to begin with.</summary>
    /// <exception cref="NoHostAvailableException">There is none.</exception>
    public async Task OpenAsync(IReadOnlyCollection<Host> hosts)
    {
        (Host Host, bool Open, Exception? Error)[] opened = await Task.WhenAll(hosts.Where(IsUsed).Select(async host =>
        {
            (bool open, Exception? error) = await FillAsync(host, closing.Token).ConfigureAwait(false);
            return (host, open, error);
        })).ConfigureAwait(false);
        foreach ((Host host, bool _, Exception? error) in opened.Where(one => !one.Open))
        {
            Log.ConnectionNotOpened(host.Address, error?.Message ?? "closed");
            cluster.Unreachable(host);
        }
        if (!Array.Exists(opened, one => one.Open))
        {
            throw new NoHostAvailableException(opened.Where(one => one.Error is not null).ToDictionary(one => one.Host.Address, one => one.Error!));
        }
    }

    /// <summary>Makes sure of the core connections to a host; false when none could be opened.</summary>
    public Task<(bool Open, Exception? Error)> FillAsync(Host host, CancellationToken ct)
    {
        if (IsDisposed || !IsUsed(host))
        {
            return Task.FromResult<(bool, Exception?)>((false, null));
        }
        return pools.GetOrAdd(host, static (one, session) => new HostPool(one, session), this).FillAsync(ct);
    }

    public async Task RemoveAsync(Host host)
    {
        if (pools.TryRemove(host, out HostPool? pool))
        {
            await pool.DisposeAsync().ConfigureAwait(false);
        }
    }

    public HostPool? PoolOf(Host host) => pools.GetValueOrDefault(host);

    public bool IsUsed(Host host) => Configuration.Policies.LoadBalancingPolicy.Distance(host) != HostDistance.Ignored;

    public TimeSpan AttemptTimeout(Statement statement) => statement.ReadTimeoutMillis > 0 ? TimeSpan.FromMilliseconds(statement.ReadTimeoutMillis) : attemptTimeout;

    /// <summary>Prepares on this host what was prepared elsewhere before, or forgotten.</summary>
    public async Task PrepareOnAsync(Host host, PreparedStatement prepared, CancellationToken ct)
    {
        IConnection connection = PoolOf(host)?.Borrow() ?? throw new ConnectionClosedException(host.Address, requestSent: false, null);
        Response response = await connection.SendAsync(new PrepareRequest(prepared.Cql, prepared.PreparedIn), attemptTimeout, ct).ConfigureAwait(false);
        switch (response)
        {
            case PreparedResult result when result.Id.AsSpan().SequenceEqual(prepared.Id):
                prepared.Shape = ResultShape.Of(result);
                return;
            case PreparedResult:
                throw new InvalidQueryException($"host {host.Address} prepares a statement under another id: prepare it again");
            case ErrorResponse error:
                throw error.ToException(host.Address);
            default:
                throw new ProtocolErrorException($"{response.GetType().Name} in answer to PREPARE");
        }
    }

    public async Task TryPrepareOnAsync(Host host, PreparedStatement prepared)
    {
        try
        {
            await PrepareOnAsync(host, prepared, closing.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (ConnectionFailure.Is(error) || error is OperationCanceledException)
        {
            Log.PrepareFailed(host.Address, error.Message); // the host will say UNPREPARED when it is asked
        }
    }

    int IPoolOwner.CoreConnections(Host host) => Configuration.PoolingOptions.GetCoreConnectionsPerHost(Configuration.Policies.LoadBalancingPolicy.Distance(host));

    int IPoolOwner.GrowAt(Host host) => Configuration.PoolingOptions.GetMaxSimultaneousRequestsPerConnectionTreshold(Configuration.Policies.LoadBalancingPolicy.Distance(host));

    int IPoolOwner.MaxConnections(Host host) => Configuration.PoolingOptions.GetMaxConnectionPerHost(Configuration.Policies.LoadBalancingPolicy.Distance(host));

    Task<IConnection> IPoolOwner.OpenAsync(Host host, CancellationToken ct) => cluster.OpenConnectionAsync(host.Address, ct);

    void IPoolOwner.Lost(HostPool pool)
    {
        if (pool.OpenConnections == 0)
        {
            cluster.Unreachable(pool.Host);
        }
        else if (!IsDisposed)
        {
            _ = pool.FillAsync(closing.Token);
        }
    }

    private async Task<RowSet> RunAsync(Statement statement, byte[]? pagingState, CancellationToken ct)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        Request request = RequestMaker.Make(statement, Configuration.QueryOptions, Keyspace, out ResultShape shape, pagingState);
        long started = Time.GetTimestamp();
        Metrics.Started();
        Interlocked.Increment(ref inFlight);
        try
        {
            Attempt? first = null;
            if (!speculates || !(statement.IsIdempotent ?? Configuration.QueryOptions.GetDefaultIdempotence()))
            {
                // the common case: one host, one attempt, nothing allocated for what might have gone wrong
                if (firstHost?.FirstHost(Keyspace, statement) is { } host && PoolOf(host)?.Borrow() is { } connection)
                {
                    Response? response = null;
                    DriverException? failure = null;
                    try
                    {
                        response = await connection.SendAsync(request, AttemptTimeout(statement), ct).ConfigureAwait(false);
                    }
                    catch (DriverException error)
                    {
                        failure = error;
                    }
                    if (response is VoidResult or RowsResult)
                    {
                        return Finish(statement, new Answer(response, host, shape, RequestMaker.ConsistencyOf(request), null), started);
                    }
                    first = new Attempt(host, response, failure);
                }
            }
            return await RunOnAsync(statement, new RequestRun(this, statement, pagingState, started), request, shape, first, started, ct).ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref inFlight);
        }
    }

    private async Task<RowSet> RunOnAsync(
        Statement statement, RequestRun run, Request request, ResultShape shape, Attempt? first, long started, CancellationToken ct)
    {
        Answer answer;
        try
        {
            answer = speculates && first is null && run.IsIdempotent
                ? await SpeculativeRun.RunAsync(this, run, Configuration.Policies.SpeculativeExecutionPolicy.NewPlan(Keyspace, statement), request, shape, ct)
                    .ConfigureAwait(false)
                : await run.RunAsync(request, shape, first, ct).ConfigureAwait(false);
        }
        catch (IgnoredException ignored)
        {
            answer = new Answer(VoidResult.Instance, ignored.Host, ResultShape.None, ConsistencyLevel.Any, null);
        }
        RowSet rows = Finish(statement, answer, started);
        if (answer.Response is SetKeyspaceResult use)
        {
            Keyspace = use.Keyspace;
        }
        else if (answer.Response is SchemaChangeResult change)
        {
            rows.Info.IsSchemaInAgreement = await cluster.Control.AfterSchemaChangeAsync(change.Change, ct).ConfigureAwait(false);
        }
        return rows;
    }

    private RowSet Finish(Statement statement, Answer answer, long started)
    {
        Metrics.Answered(started);
        latencies?.Answered(Time.GetElapsedTime(started));
        ResultShape shape = answer.Shape;
        Func<byte[], CancellationToken, Task<RowSet>>? fetch = null;
        if (answer.Response is RowsResult rows)
        {
            if (rows.Metadata.Columns is { } columns)
            {
                shape = new ResultShape(rows.NewMetadataId ?? shape.MetadataId, columns);
                if (rows.NewMetadataId is not null && statement is BoundStatement bound)
                {
                    bound.PreparedStatement.Shape = shape; // the table has changed: further requests are answered in this shape
                }
            }
            if (rows.PagingState is not null)
            {
                fetch = (state, ct) => RunAsync(statement, state, ct);
            }
        }
        return new RowSet(answer.Response, shape, new ExecutionInfo(answer.Response, this, answer.Host, answer.Failed, answer.Consistency), statement.AutoPage, fetch);
    }
}
