using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace StreamPlatform.TestCassandra;

/// <summary>One node: a listener on a loopback port that it keeps over restarts, and its connections.</summary>
public sealed class CqlNode
{
    private readonly ConcurrentDictionary<CqlConnection, bool> connections = new();
    private readonly ConcurrentDictionary<string, string> prepared = new();
    private TcpListener? listener;
    private Task accepting = Task.CompletedTask;

    internal CqlNode(CqlCluster cluster, long token, string datacenter, string rack)
    {
        Cluster = cluster;
        Token = token;
        Datacenter = datacenter;
        Rack = rack;
    }

    /// <summary>Its cluster.</summary>
    public CqlCluster Cluster { get; }

    /// <summary>Its one token.</summary>
    public long Token { get; }

    /// <summary>Its data centre.</summary>
    public string Datacenter { get; }

    /// <summary>Its rack.</summary>
    public string Rack { get; }

    /// <summary>Its id.</summary>
    public Guid HostId { get; } = Guid.NewGuid();

    /// <summary>Where it takes CQL.</summary>
    public IPEndPoint Address { get; private set; } = new(IPAddress.Loopback, 0);

    /// <summary>What it says of its schema: nodes that say different things do not agree.</summary>
    public Guid SchemaVersion { get; set; } = new("00000000-0000-0000-0000-000000000001");

    /// <summary>Open connections.</summary>
    public int ConnectionCount => connections.Count;

    /// <summary>Connections opened so far.</summary>
    public int ConnectionsSeen => Volatile.Read(ref connectionsSeen);

    private int connectionsSeen;

    /// <summary>Listens, on the port it had before if it had one. What was prepared is forgotten, as by a restart.</summary>
    public Task StartAsync()
    {
        prepared.Clear();
        listener = new TcpListener(Address);
        listener.Start();
        Address = (IPEndPoint)listener.LocalEndpoint;
        accepting = AcceptAsync(listener);
        return Task.CompletedTask;
    }

    /// <summary>Dies: the port is closed, connections are cut.</summary>
    public async Task KillAsync()
    {
        listener?.Stop();
        await accepting;
        Cut();
    }

    /// <summary>Cuts its connections, but goes on listening.</summary>
    public void Cut()
    {
        foreach (CqlConnection connection in connections.Keys)
        {
            connection.Cut();
        }
    }

    /// <summary>Forgets what was prepared.</summary>
    public void ForgetPrepared() => prepared.Clear();

    internal string? Find(byte[] id) => prepared.GetValueOrDefault(Convert.ToHexString(id));

    internal byte[] Prepare(string cql, string? keyspace)
    {
        byte[] id = MD5.HashData(Encoding.UTF8.GetBytes(keyspace + cql));
        prepared[Convert.ToHexString(id)] = cql;
        return id;
    }

    internal async Task PushAsync(string type, string change, IPEndPoint about)
    {
        foreach (CqlConnection connection in connections.Keys)
        {
            await connection.PushAsync(CqlAnswer.Event(type, change, about));
        }
    }

    internal async Task PushSchemaAsync(string change, string table)
    {
        foreach (CqlConnection connection in connections.Keys)
        {
            await connection.PushAsync(CqlAnswer.SchemaEvent(change, table));
        }
    }

    private async Task AcceptAsync(TcpListener from)
    {
        try
        {
            while (true)
            {
                Socket socket = await from.AcceptSocketAsync();
                CqlConnection connection = new(this, socket);
                Interlocked.Increment(ref connectionsSeen);
                connections.TryAdd(connection, true);
                _ = ServeAsync(connection);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // stopped
        }
    }

    private async Task ServeAsync(CqlConnection connection)
    {
        await connection.ServeAsync();
        connections.TryRemove(connection, out _);
    }
}
