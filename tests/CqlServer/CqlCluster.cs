using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;

namespace StreamPlatform.TestCassandra;

/// <summary>How a stand-in cluster is built.</summary>
public sealed record CqlClusterOptions
{
    /// <summary>Asked of clients when not null.</summary>
    public (string User, string Password)? Credentials { get; init; }

    /// <summary>TLS with this certificate when not null.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>Replicas of each key in keyspace "ks".</summary>
    public int ReplicationFactor { get; init; } = 1;

    /// <summary>Rows of the table "pages", read in pages.</summary>
    public int PagedRows { get; init; } = 100;
}

/// <summary>
/// A stand-in for a Cassandra cluster: several nodes on loopback ports that speak native protocol v5 over one set of data, with a ring of given tokens. It
/// goes wrong as told by <see cref="Faults"/> and keeps what it was asked. It knows one keyspace "ks" of tables with a text key and a text value.
/// </summary>
public sealed class CqlCluster : IAsyncDisposable
{
    private readonly List<CqlNode> nodes = [];
    private readonly ConcurrentQueue<CqlRequest> requests = new();

    private CqlCluster(CqlClusterOptions options) => Options = options;

    /// <summary>How it was built.</summary>
    public CqlClusterOptions Options { get; }

    /// <summary>What goes wrong.</summary>
    public CqlFaults Faults { get; } = new();

    /// <summary>The same for queries of the system's tables: what the control connection asks. Errors only.</summary>
    public CqlFaults SystemFaults { get; } = new();

    /// <summary>What was written: per key each write, in order.</summary>
    public ConcurrentDictionary<string, ConcurrentQueue<string>> Data { get; } = new();

    /// <summary>The nodes that belong to the cluster, dead or alive.</summary>
    public IReadOnlyList<CqlNode> Nodes
    {
        get
        {
            lock (nodes)
            {
                return [.. nodes];
            }
        }
    }

    /// <summary>Everything asked so far, but for system tables and hand-shakes.</summary>
    public IReadOnlyList<CqlRequest> Requests => [.. requests];

    /// <summary>Tables of "ks" beside the first, by name.</summary>
    public ConcurrentDictionary<string, bool> Tables { get; } = new([new("t", true), new("pages", true)]);

    /// <summary>A ring of nodes with one token each, evenly spaced, in data centre "dc1" and rack "r1".</summary>
    public static async Task<CqlCluster> StartAsync(int nodes, CqlClusterOptions? options = null)
    {
        CqlCluster cluster = new(options ?? new CqlClusterOptions());
        for (int i = 0; i < nodes; i++)
        {
            long token = (long)((Int128)long.MinValue + (Int128)ulong.MaxValue * (i + 1) / (nodes + 1));
            await cluster.AddAsync(token);
        }
        return cluster;
    }

    /// <summary>A further node; clients hear of it by <see cref="AnnounceAsync"/>.</summary>
    public async Task<CqlNode> AddAsync(long token, string datacenter = "dc1", string rack = "r1")
    {
        CqlNode node = new(this, token, datacenter, rack);
        await node.StartAsync();
        lock (nodes)
        {
            nodes.Add(node);
        }
        return node;
    }

    /// <summary>A node leaves for good; clients hear of it by <see cref="AnnounceAsync"/>.</summary>
    public async Task RemoveAsync(CqlNode node)
    {
        lock (nodes)
        {
            nodes.Remove(node);
        }
        await node.KillAsync();
    }

    /// <summary>The node that owns this token: the first at or behind it on the ring.</summary>
    public CqlNode OwnerOf(long token)
    {
        CqlNode[] ring = [.. Nodes.OrderBy(node => node.Token)];
        return ring.FirstOrDefault(node => node.Token >= token) ?? ring[0];
    }

    /// <summary>Pushes an event from every node: TOPOLOGY_CHANGE (NEW_NODE, REMOVED_NODE) or STATUS_CHANGE (UP, DOWN) of a node.</summary>
    public async Task AnnounceAsync(string type, string change, CqlNode about)
    {
        foreach (CqlNode node in Nodes)
        {
            await node.PushAsync(type, change, about.Address);
        }
    }

    /// <summary>Pushes a schema change from every node.</summary>
    public async Task AnnounceSchemaAsync(string change, string table)
    {
        foreach (CqlNode node in Nodes)
        {
            await node.PushSchemaAsync(change, table);
        }
    }

    /// <summary>Stops all nodes.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (CqlNode node in Nodes)
        {
            await node.KillAsync();
        }
    }

    internal void Record(CqlRequest request) => requests.Enqueue(request);
}
