using System.Collections.Concurrent;

namespace Cassandra;

/// <summary>The hosts, their ring and the keyspaces' replication at one moment; replaced as a whole when something changes.</summary>
internal sealed class TopologySnapshot
{
    public static readonly TopologySnapshot Empty = new([], null, new Dictionary<string, KeyspaceMetadata>());

    private readonly ConcurrentDictionary<ReplicationStrategy, Host[]?[]> replicas = new();

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
        if (index < 0 || keyspace is null || !Keyspaces.TryGetValue(keyspace, out KeyspaceMetadata? metadata) || metadata.Strategy is not { } strategy)
        {
            return [];
        }
        // two threads may compute the same range at the same time: both get the same hosts
        Host[]?[] ranges = replicas.TryGetValue(strategy, out Host[]?[]? known) ? known : replicas.GetOrAdd(strategy, new Host[]?[Ring.Count]);
        return ranges[index] ??= strategy.Replicas(Ring, index, this);
    }
}
