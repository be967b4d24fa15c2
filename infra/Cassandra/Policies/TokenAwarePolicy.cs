namespace Cassandra;

/// <summary>
/// A request with a routing key goes first to the local replicas of its token, then to the hosts of the child policy. Replicas take turns, so that
/// a hot partition is shared among them.
/// </summary>
public sealed class TokenAwarePolicy(ILoadBalancingPolicy childPolicy) : ILoadBalancingPolicy, IFirstHostPolicy
{
    private Metadata? metadata;
    private int next;

    /// <summary>Decides distances, and the rest of each plan.</summary>
    public ILoadBalancingPolicy ChildPolicy { get; } = childPolicy ?? throw new ArgumentNullException(nameof(childPolicy));

    /// <inheritdoc/>
    public void Initialize(ICluster cluster)
    {
        metadata = cluster.Metadata;
        ChildPolicy.Initialize(cluster);
    }

    /// <inheritdoc/>
    public HostDistance Distance(Host host) => ChildPolicy.Distance(host);

    /// <inheritdoc/>
    public IEnumerable<Host> NewQueryPlan(string? keyspace, IStatement? query)
    {
        Host[] replicas = Replicas(keyspace, query);
        return replicas.Length == 0 ? ChildPolicy.NewQueryPlan(keyspace, query) : ReplicasFirst(replicas, keyspace, query);
    }

    Host? IFirstHostPolicy.FirstHost(string? keyspace, IStatement? query)
    {
        Host[] replicas = Replicas(keyspace, query);
        int start = replicas.Length > 1 ? Interlocked.Increment(ref next) : 0;
        for (int i = 0; i < replicas.Length; i++)
        {
            Host host = Hosts.At(replicas, start, i);
            if (host.IsUp && ChildPolicy.Distance(host) == HostDistance.Local)
            {
                return host;
            }
        }
        return (ChildPolicy as IFirstHostPolicy)?.FirstHost(keyspace, query);
    }

    private IEnumerable<Host> ReplicasFirst(Host[] replicas, string? keyspace, IStatement? query)
    {
        List<Host> first = new(replicas.Length);
        int start = Interlocked.Increment(ref next);
        for (int i = 0; i < replicas.Length; i++)
        {
            Host host = Hosts.At(replicas, start, i);
            if (host.IsUp && ChildPolicy.Distance(host) == HostDistance.Local)
            {
                first.Add(host);
                yield return host;
            }
        }
        foreach (Host host in ChildPolicy.NewQueryPlan(keyspace, query))
        {
            if (!first.Contains(host))
            {
                yield return host;
            }
        }
    }

    private Host[] Replicas(string? keyspace, IStatement? query)
    {
        TopologySnapshot? topology = metadata?.Topology;
        return topology is { HasTokens: true } && query is IRoutedStatement routed && routed.TryGetToken(out long token)
            ? topology.Replicas(routed.Keyspace ?? keyspace, token)
            : [];
    }
}
