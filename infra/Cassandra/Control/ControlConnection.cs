using System.Net;
using Cassandra.Protocol;
using Microsoft.Extensions.Logging;

namespace Cassandra;

/// <summary>
/// The cluster's own connection: reads topology and schema, hears of changes, moves to another host when its host goes. Events are gathered for
/// <see cref="EventDelay"/> and then read up together, so that a storm of them costs one reading.
/// </summary>
internal sealed class ControlConnection(Cluster cluster) : IAsyncDisposable
{
    public static readonly TimeSpan EventDelay = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ReadAgain = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReadAgainAtMost = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AgreementPoll = TimeSpan.FromMilliseconds(200);
    private static readonly string[] Events = ["TOPOLOGY_CHANGE", "STATUS_CHANGE", "SCHEMA_CHANGE"];

    private readonly CancellationTokenSource closing = new();
    private readonly SemaphoreSlim reading = new(1, 1);
    private readonly PendingChanges pending = new();
    private Task loop = Task.CompletedTask;
    private TimeSpan readAgain = ReadAgain; // the loop's
    private Link? link;

    private Configuration Configuration => cluster.Configuration;

    private TimeProvider Time => Configuration.Time;

    /// <summary>Connects to the first contact point that answers, and reads all there is to know.</summary>
    /// <exception cref="NoHostAvailableException">None answered.</exception>
    public async Task ConnectAsync()
    {
        Dictionary<IPEndPoint, Exception> errors = [];
        foreach (EndPoint contact in Configuration.ContactPoints)
        {
            foreach (IPEndPoint address in await ResolveAsync(contact, errors).ConfigureAwait(false))
            {
                if (await TryUseAsync(address).ConfigureAwait(false) is not { } error)
                {
                    loop = FollowAsync();
                    return;
                }
                errors[address] = error;
                if (error is AuthenticationException)
                {
                    throw error; // every node would say the same
                }
            }
        }
        throw new NoHostAvailableException(errors);
    }

    /// <summary>After a schema change made here: waits for the nodes to agree, then reads the keyspace up. False when they do not in time.</summary>
    public async Task<bool> AfterSchemaChangeAsync(SchemaChange change, CancellationToken ct)
    {
        bool agreed = await WaitForAgreementAsync(ct).ConfigureAwait(false);
        await RefreshSchemaAsync(change.Keyspace, ct).ConfigureAwait(false);
        return agreed;
    }

    public async Task<bool> RefreshSchemaAsync(string? keyspace, CancellationToken ct)
    {
        try
        {
            if (Volatile.Read(ref link) is not { } current)
            {
                return false;
            }
            await reading.WaitAsync(ct).ConfigureAwait(false);
            try
            {
                await ReadSchemaAsync(current.Tables, keyspace, ct).ConfigureAwait(false);
            }
            finally
            {
                reading.Release();
            }
            return true;
        }
        catch (Exception error) when (ConnectionFailure.Is(error))
        {
            cluster.Log.RefreshFailed(error.Message);
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await closing.CancelAsync().ConfigureAwait(false);
        await loop.ConfigureAwait(false);
        if (Interlocked.Exchange(ref link, null) is { } last)
        {
            await last.Connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static async Task<IPEndPoint[]> ResolveAsync(EndPoint contact, Dictionary<IPEndPoint, Exception> errors)
    {
        if (contact is not DnsEndPoint name)
        {
            return [(IPEndPoint)contact];
        }
        try
        {
            IPAddress[] addresses = await Dns.GetHostAddressesAsync(name.Host).ConfigureAwait(false);
            return [.. addresses.Take(16).Select(address => new IPEndPoint(address, name.Port))];
        }
        catch (System.Net.Sockets.SocketException error)
        {
            errors[new IPEndPoint(IPAddress.None, name.Port)] = new DriverException($"host name {name.Host} is not known", error);
            return [];
        }
    }

    private async Task<bool> WaitForAgreementAsync(CancellationToken ct)
    {
        long started = Time.GetTimestamp();
        while (Volatile.Read(ref link) is { } current)
        {
            try
            {
                HashSet<Guid> versions = await current.Tables.SchemaVersionsAsync(address => cluster.GetHost(address)?.IsUp != false, ct).ConfigureAwait(false);
                if (versions.Count <= 1)
                {
                    return true;
                }
            }
            catch (Exception error) when (ConnectionFailure.Is(error))
            {
                cluster.Log.RefreshFailed(error.Message);
            }
            if (Time.GetElapsedTime(started) + AgreementPoll > Configuration.MaxSchemaAgreementWait)
            {
                break;
            }
            await Task.Delay(AgreementPoll, Time, ct).ConfigureAwait(false);
        }
        cluster.Log.SchemaDisagreement((long)Configuration.MaxSchemaAgreementWait.TotalMilliseconds);
        return false;
    }

    // null: it is in use now
    private async Task<Exception?> TryUseAsync(IPEndPoint address)
    {
        IConnection? connection = null;
        try
        {
            connection = await cluster.OpenConnectionAsync(address, closing.Token).ConfigureAwait(false);
            SystemTables tables = new(connection, address, Configuration.Port, Configuration.AttemptTimeout);
            connection.Event += pending.Add;
            await RegisterAsync(connection, address).ConfigureAwait(false);
            Link next = new(address, connection, tables);
            await ReadAllAsync(next).ConfigureAwait(false);
            Volatile.Write(ref link, next);
            cluster.Log.ControlConnected(address);
            return null;
        }
        catch (Exception error) when (ConnectionFailure.Is(error))
        {
            if (connection is not null)
            {
                await connection.DisposeAsync().ConfigureAwait(false);
            }
            return error;
        }
    }

    private async Task RegisterAsync(IConnection connection, IPEndPoint address)
    {
        Response response = await connection.SendAsync(new RegisterRequest(Events), Configuration.AttemptTimeout, closing.Token).ConfigureAwait(false);
        if (response is not ReadyResponse)
        {
            throw response is ErrorResponse error ? error.ToException(address) : new ProtocolErrorException($"{response.GetType().Name} in answer to REGISTER");
        }
    }

    // one loop for the cluster's life: reads up what events announce; when the connection has gone, finds another
    private async Task FollowAsync()
    {
        try
        {
            while (true)
            {
                Link current = link!;
                Task woken = pending.WaitAsync(closing.Token);
                await Task.WhenAny(woken, current.Connection.Closed).ConfigureAwait(false);
                closing.Token.ThrowIfCancellationRequested();
                if (current.Connection.Closed.IsCompleted)
                {
                    await MoveAsync(current).ConfigureAwait(false);
                    readAgain = ReadAgain;
                    continue;
                }
                await Task.Delay(EventDelay, Time, closing.Token).ConfigureAwait(false);
                await ReadPendingAsync(current).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // closing
        }
    }

    private async Task MoveAsync(Link lost)
    {
        cluster.Metadata.ControlHost = null;
        await lost.Connection.DisposeAsync().ConfigureAwait(false);
        IReconnectionSchedule schedule = Configuration.Policies.ReconnectionPolicy.NewSchedule();
        while (true)
        {
            Exception? error = null;
            await foreach (IPEndPoint address in CandidatesAsync(lost.Address).ConfigureAwait(false))
            {
                error = await TryUseAsync(address).ConfigureAwait(false);
                if (error is null)
                {
                    return;
                }
            }
            long delayMs = Math.Max(1, schedule.NextDelayMs());
            cluster.Log.ControlLost(error?.Message ?? "no host", delayMs);
            await Task.Delay(TimeSpan.FromMilliseconds(delayMs), Time, closing.Token).ConfigureAwait(false);
        }
    }

    // hosts thought up first, the one that was lost last; then the contact points, in case the whole cluster has moved
    private async IAsyncEnumerable<IPEndPoint> CandidatesAsync(IPEndPoint lost)
    {
        IPEndPoint[] known = [.. cluster.Metadata.Topology.Hosts
            .Where(cluster.IsUsed)
            .OrderBy(host => (host.IsUp ? 0 : 2) + (host.Address.Equals(lost) ? 1 : 0))
            .Select(host => host.Address)];
        foreach (IPEndPoint address in known)
        {
            yield return address;
        }
        foreach (EndPoint contact in Configuration.ContactPoints)
        {
            foreach (IPEndPoint address in (await ResolveAsync(contact, []).ConfigureAwait(false)).Except(known))
            {
                yield return address;
            }
        }
    }

    private async Task ReadPendingAsync(Link current)
    {
        PendingChanges.Changes changes = pending.Take();
        bool read = await TryReadAsync(current, changes).ConfigureAwait(false);
        foreach (IPEndPoint address in changes.Up)
        {
            if (cluster.GetHost(address) is { } host)
            {
                cluster.SaidToBeUp(host);
            }
        }
        foreach (IPEndPoint address in changes.Down)
        {
            if (cluster.GetHost(address) is { IsUp: true } host)
            {
                cluster.Unreachable(host); // only if no connection says otherwise: nodes hear of each other late
            }
        }
        if (read)
        {
            readAgain = ReadAgain;
            return;
        }
        await PauseAsync(current).ConfigureAwait(false);
        pending.PutBack(changes); // nobody announces it again; with the connection gone, all is read on the next one anyway
    }

    // twice as long each time; what is announced meanwhile does not wait for the end of a long one
    private async Task PauseAsync(Link current)
    {
        TimeSpan pause = readAgain;
        readAgain = pause * 2 < ReadAgainAtMost ? pause * 2 : ReadAgainAtMost;
        await Task.WhenAny(Task.Delay(ReadAgain, Time, closing.Token), current.Connection.Closed).ConfigureAwait(false);
        await Task.WhenAny(Task.Delay(pause - ReadAgain, Time, closing.Token), pending.WaitAsync(closing.Token), current.Connection.Closed).ConfigureAwait(false);
    }

    private async Task<bool> TryReadAsync(Link current, PendingChanges.Changes changes)
    {
        try
        {
            await reading.WaitAsync(closing.Token).ConfigureAwait(false);
            try
            {
                if (changes.Topology)
                {
                    await ReadNodesAsync(current, null).ConfigureAwait(false);
                }
                foreach (string? keyspace in changes.AllKeyspaces ? [null] : changes.Keyspaces.ToArray<string?>())
                {
                    await ReadSchemaAsync(current.Tables, keyspace, closing.Token).ConfigureAwait(false);
                }
            }
            finally
            {
                reading.Release();
            }
            return true;
        }
        catch (Exception error) when (ConnectionFailure.Is(error))
        {
            cluster.Log.RefreshFailed(error.Message);
            return false;
        }
    }

    private async Task ReadAllAsync(Link current)
    {
        await reading.WaitAsync(closing.Token).ConfigureAwait(false);
        try
        {
            Dictionary<string, KeyspaceMetadata> keyspaces = await current.Tables.KeyspacesAsync(null, closing.Token).ConfigureAwait(false);
            await ReadNodesAsync(current, keyspaces).ConfigureAwait(false);
        }
        finally
        {
            reading.Release();
        }
    }

    private async Task ReadSchemaAsync(SystemTables tables, string? keyspace, CancellationToken ct)
    {
        Dictionary<string, KeyspaceMetadata> read = await tables.KeyspacesAsync(keyspace, ct).ConfigureAwait(false);
        TopologySnapshot old = cluster.Metadata.Topology;
        if (keyspace is not null)
        {
            Dictionary<string, KeyspaceMetadata> all = new(old.Keyspaces);
            all.Remove(keyspace);
            read.ToList().ForEach(pair => all[pair.Key] = pair.Value);
            read = all;
        }
        cluster.Metadata.Topology = new TopologySnapshot(old.Hosts, old.Partitioner, read);
    }

    private async Task ReadNodesAsync(Link current, Dictionary<string, KeyspaceMetadata>? keyspaces)
    {
        (NodeDescription local, string? name, string? partitioner) = await current.Tables.LocalAsync(closing.Token).ConfigureAwait(false);
        List<NodeDescription> nodes = [local, .. await current.Tables.PeersAsync(closing.Token).ConfigureAwait(false)];
        TopologySnapshot old = cluster.Metadata.Topology;
        List<Host> hosts = [];
        foreach (NodeDescription node in nodes)
        {
            // by id first: a node may be known by another address than the one it names
            Host host = Array.Find(old.Hosts, known => node.HostId != Guid.Empty && known.HostId == node.HostId)
                ?? Array.Find(old.Hosts, known => known.Address.Equals(node.Address)) ?? new Host(node.Address);
            host.Describe(node.Datacenter, node.Rack, node.HostId, node.Version, node.Tokens);
            if (!hosts.Contains(host))
            {
                hosts.Add(host);
            }
        }
        cluster.Metadata.ClusterName = name;
        cluster.Metadata.ControlHost = hosts[0];
        cluster.Metadata.Topology = new TopologySnapshot([.. hosts], partitioner, keyspaces ?? old.Keyspaces);
        cluster.HostsChanged([.. hosts.Except(old.Hosts)], [.. old.Hosts.Except(hosts)]);
    }

    private sealed record Link(IPEndPoint Address, IConnection Connection, SystemTables Tables);
}
