namespace Cassandra;

/// <summary>The hosts, their ring and the keyspaces' replication at one moment; replaced as a whole when something changes.</summary>
internal sealed class TopologySnapshot
{
    public static readonly TopologySnapshot Empty = new([], null, new Dictionary<string, KeyspaceMetadata>());

    // per keyspace its strategy and the replicas of each range, worked out when first asked for; keyspaces replicated alike share them
    private readonly Dictionary<string, (ReplicationStrategy Strategy, Host[]?[] Ranges)> replicas = new(StringComparer.Ordinal);

    public TopologySnapshot(Host[] hosts, string? partitioner, IReadOnlyDictionary<string, KeyspaceMetadata> keyspaces)
    {
        Hosts = hosts;
        Partitioner = partitioner;
        Keyspaces = keyspaces;
        HasTokens = partitioner?.EndsWith(Murmur3Partitioner.Name, StringComparison.Ordinal) == true;
        Ring = new TokenRing(HasTokens ? hosts : []);
        Datacenters = hosts.Where(host => host.Datacenter is not null)
            .GroupBy(host => host.Datacenter!, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => (group.Count(), group.Select(host => host.Rack).Distinct().Count()), StringComparer.Ordinal);
        Dictionary<ReplicationStrategy, Host[]?[]> shared = [];
        foreach (KeyspaceMetadata keyspace in keyspaces.Values.Where(keyspace => keyspace.Strategy is not null))
        {
            shared.TryAdd(keyspace.Strategy!, new Host[]?[Ring.Count]);
            replicas[keyspace.Name] = (keyspace.Strategy!, shared[keyspace.Strategy!]);
        }
    }

    public Host[] Hosts { get; }

    public string? Partitioner { get; }

    public IReadOnlyDictionary<string, KeyspaceMetadata> Keyspaces { get; }

    /// <summary>Only the tokens of Murmur3Partitioner are understood; on others routing keys are ignored.</summary>
    public bool HasTokens { get; }

    public TokenRing Ring { get; }

    /// <summary>Per data centre its nodes and racks.</summary>
    public IReadOnlyDictionary<string, (int Nodes, int Racks)> Datacenters { get; }

    /// <summary>The hosts that hold this token in this keyspace, primary first; empty when that is not known. The array is shared: do not change it.</summary>
    public Host[] Replicas(string? keyspace, long token)
    {
        int index = Ring.IndexOf(token);
        if (index < 0 || keyspace is null || !replicas.TryGetValue(keyspace, out (ReplicationStrategy Strategy, Host[]?[] Ranges) known))
        {
            return [];
        }
        return known.Ranges[index] ??= known.Strategy.Replicas(Ring, index, this); // two threads that do this at the same time get the same hosts
    }
}
