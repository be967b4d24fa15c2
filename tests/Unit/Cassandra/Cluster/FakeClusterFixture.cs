using System.Diagnostics;
using Cassandra;
using StreamPlatform.TestCassandra;

namespace StreamPlatform.Tests.Unit.Cassandra;

/// <summary>A stand-in cluster with a client connected to it; both end with the test.</summary>
internal sealed class FakeClusterFixture : IAsyncDisposable
{
    public const string Insert = "INSERT INTO ks.t (k, v1) VALUES (?, ?)";
    public const string Select = "SELECT k, v1 FROM ks.t WHERE k = ?";

    private FakeClusterFixture(CqlCluster server, Cluster cluster, ISession session) => (Server, Cluster, Session) = (server, cluster, session);

    public CqlCluster Server { get; }

    public Cluster Cluster { get; }

    public ISession Session { get; }

    public static async Task<FakeClusterFixture> StartAsync(int nodes, Action<Builder>? configure = null, CqlClusterOptions? options = null)
    {
        CqlCluster server = await CqlCluster.StartAsync(nodes, options);
        try
        {
            Cluster cluster = Build(server, configure);
            return new FakeClusterFixture(server, cluster, await cluster.ConnectAsync());
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public static Cluster Build(CqlCluster server, Action<Builder>? configure = null)
    {
        Builder builder = global::Cassandra.Cluster.Builder().AddContactPoint(server.Nodes[0].Address).WithReconnectionPolicy(new ConstantReconnectionPolicy(50));
        configure?.Invoke(builder);
        return builder.Build();
    }

    /// <summary>Waits until it is so, looking again and again; at most ten seconds.</summary>
    public static async Task EventuallyAsync(Func<bool> condition, string what)
    {
        long started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(10), $"not within ten seconds: {what}");
            await Task.Delay(10);
        }
    }

    public Host HostOf(CqlNode node) => Cluster.GetHost(node.Address) ?? throw new InvalidOperationException($"{node.Address} is not known");

    public async ValueTask DisposeAsync()
    {
        await Cluster.ShutdownAsync(0);
        await Server.DisposeAsync();
    }
}
