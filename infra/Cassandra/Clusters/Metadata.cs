using System.Net;

namespace Cassandra;

/// <summary>What is known of a cluster: hosts, ring, schema. Always a consistent moment; refreshed by events.</summary>
public sealed class Metadata
{
    private TopologySnapshot topology = TopologySnapshot.Empty;

    internal Metadata()
    {
    }

    /// <summary>The cluster's name; null before the first connection.</summary>
    public string? ClusterName { get; internal set; }

    /// <summary>The host of the control connection; null while there is none.</summary>
    public Host? ControlHost { get; internal set; }

    /// <summary>The partitioner's class; null before the first connection.</summary>
    public string? Partitioner => Topology.Partitioner;

    internal TopologySnapshot Topology
    {
        get => Volatile.Read(ref topology);
        set => Volatile.Write(ref topology, value);
    }

    /// <summary>All hosts.</summary>
    public ICollection<Host> AllHosts() => [.. Topology.Hosts];

    /// <summary>The host at this address, or null.</summary>
    public Host? GetHost(IPEndPoint address) => Array.Find(Topology.Hosts, host => host.Address.Equals(address));

    /// <summary>The replicas of a partition in a keyspace, primary first; empty when not known.</summary>
    public ICollection<Host> GetReplicas(string? keyspace, byte[] partitionKey) => [.. Topology.Replicas(keyspace, Murmur3Partitioner.Token(partitionKey))];

    /// <summary>The host that owns the token of a partition, where no keyspace says how many replicas there are; empty when that is not known.</summary>
    public ICollection<Host> GetReplicas(byte[] partitionKey)
    {
        TokenRing ring = Topology.Ring;
        int index = ring.IndexOf(Murmur3Partitioner.Token(partitionKey));
        return index < 0 ? [] : [ring.Owner(index)];
    }

    /// <summary>The keyspace, or null. Names are case-sensitive, without quotes.</summary>
    public KeyspaceMetadata? GetKeyspace(string keyspace) => Topology.Keyspaces.GetValueOrDefault(keyspace);

    /// <summary>Names of all keyspaces.</summary>
    public ICollection<string> GetKeyspaces() => [.. Topology.Keyspaces.Keys];

    /// <summary>Names of the tables of a keyspace; empty when it is not known.</summary>
    public ICollection<string> GetTables(string keyspace) => GetKeyspace(keyspace)?.GetTablesNames() ?? [];

    /// <summary>The table, or null.</summary>
    public TableMetadata? GetTable(string keyspace, string tableName) => GetKeyspace(keyspace)?.GetTableMetadata(tableName);
}
