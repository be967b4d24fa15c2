using System.Net;

namespace Cassandra;

/// <summary>What is known of a cluster, and the way to sessions on it.</summary>
public interface ICluster : IDisposable, IAsyncDisposable
{
    /// <summary>A host has joined.</summary>
    event Action<Host>? HostAdded;

    /// <summary>A host has left.</summary>
    event Action<Host>? HostRemoved;

    /// <summary>Hosts, ring, schema.</summary>
    Metadata Metadata { get; }

    /// <summary>What it was built from.</summary>
    Configuration Configuration { get; }

    /// <summary>All hosts that are known.</summary>
    ICollection<Host> AllHosts();

    /// <summary>A session in the default keyspace. Blocks: prefer <see cref="ConnectAsync()"/>.</summary>
    ISession Connect();

    /// <summary>A session in a keyspace. Blocks.</summary>
    ISession Connect(string? keyspace);

    /// <summary>A session in the default keyspace.</summary>
    Task<ISession> ConnectAsync();

    /// <summary>A session in a keyspace.</summary>
    /// <exception cref="NoHostAvailableException">No contact point answered; its errors say why.</exception>
    Task<ISession> ConnectAsync(string? keyspace);

    /// <summary>The host at this address, or null.</summary>
    Host? GetHost(IPEndPoint address);

    /// <summary>The replicas of a partition in a keyspace, primary first.</summary>
    ICollection<Host> GetReplicas(string? keyspace, byte[] partitionKey);

    /// <summary>The replicas of a partition where no keyspace says how many there are: the one that owns its token.</summary>
    ICollection<Host> GetReplicas(byte[] partitionKey);

    /// <summary>Reads the schema again, of a keyspace or of all (a single table is read with its keyspace); true unless that failed.</summary>
    Task<bool> RefreshSchemaAsync(string? keyspace = null, string? table = null);

    /// <summary>See <see cref="RefreshSchemaAsync"/>. Blocks.</summary>
    bool RefreshSchema(string? keyspace = null, string? table = null);

    /// <summary>See <see cref="ShutdownAsync"/>. Blocks.</summary>
    void Shutdown(int timeoutMs = 5000);

    /// <summary>Closes sessions and connections: waits for requests in flight at most this long.</summary>
    Task ShutdownAsync(int timeoutMs = 5000);
}
