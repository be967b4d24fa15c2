using System.Net;
using Cassandra;

namespace StreamPlatform.Tests.Unit.Cassandra;

/// <summary>A cluster of hosts that exist only as descriptions: what policies look at.</summary>
internal sealed class StubCluster : ICluster
{
    public StubCluster(Host[] hosts, params (string Name, Dictionary<string, string> Replication)[] keyspaces) => Metadata.Topology = new TopologySnapshot(
        hosts, "org.apache.cassandra.dht.Murmur3Partitioner",
        keyspaces.ToDictionary(one => one.Name, one => new KeyspaceMetadata(one.Name, true, one.Replication, new Dictionary<string, TableMetadata>())));

    public event Action<Host>? HostAdded
    {
        add { }
        remove { }
    }

    public event Action<Host>? HostRemoved
    {
        add { }
        remove { }
    }

    public Metadata Metadata { get; } = new();

    public Configuration Configuration => throw new NotSupportedException();

    public static Host Node(int number, string datacenter, string rack, params long[] tokens)
    {
        Host host = new(new IPEndPoint(IPAddress.Loopback, 9000 + number));
        host.Describe(datacenter, rack, Guid.NewGuid(), new Version(5, 0, 6), tokens);
        return host;
    }

    public ICollection<Host> AllHosts() => Metadata.AllHosts();

    public ISession Connect() => throw new NotSupportedException();

    public ISession Connect(string? keyspace) => throw new NotSupportedException();

    public Task<ISession> ConnectAsync() => throw new NotSupportedException();

    public Task<ISession> ConnectAsync(string? keyspace) => throw new NotSupportedException();

    public Host? GetHost(IPEndPoint address) => Metadata.GetHost(address);

    public ICollection<Host> GetReplicas(string? keyspace, byte[] partitionKey) => Metadata.GetReplicas(keyspace, partitionKey);

    public ICollection<Host> GetReplicas(byte[] partitionKey) => Metadata.GetReplicas(partitionKey);

    public Task<bool> RefreshSchemaAsync(string? keyspace = null, string? table = null) => throw new NotSupportedException();

    public bool RefreshSchema(string? keyspace = null, string? table = null) => throw new NotSupportedException();

    public void Shutdown(int timeoutMs = 5000)
    {
    }

    public Task ShutdownAsync(int timeoutMs = 5000) => Task.CompletedTask;

    public void Dispose()
    {
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
