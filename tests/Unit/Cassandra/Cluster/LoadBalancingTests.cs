using Cassandra;

namespace StreamPlatform.Tests.Unit.Cassandra;

public sealed class LoadBalancingTests
{
    private readonly Host a = StubCluster.Node(1, "dc1", "r1", -5_000_000_000_000_000_000);
    private readonly Host b = StubCluster.Node(2, "dc1", "r1", 0);
    private readonly Host c = StubCluster.Node(3, "dc1", "r1", 5_000_000_000_000_000_000);
    private readonly Host far = StubCluster.Node(4, "dc2", "r1", 1);

    [Fact]
    public void Round_robin_begins_with_another_host_each_time()
    {
        ILoadBalancingPolicy policy = Begin(new RoundRobinPolicy(), a, b, c);
        Host[] firsts = [.. Enumerable.Range(0, 6).Select(_ => policy.NewQueryPlan(null, null).First())];
        Assert.Equal(3, firsts.Take(3).Distinct().Count());
        Assert.Equal(firsts.Take(3), firsts.Skip(3));
        Assert.Equal(3, policy.NewQueryPlan(null, null).Distinct().Count());
    }

    [Fact]
    public void Other_data_centres_are_ignored_unless_asked_for()
    {
        ILoadBalancingPolicy strict = Begin(new DCAwareRoundRobinPolicy("dc1"), a, b, far);
        Assert.Equal(HostDistance.Ignored, strict.Distance(far));
        Assert.DoesNotContain(far, strict.NewQueryPlan(null, null));

        ILoadBalancingPolicy lenient = Begin(new DCAwareRoundRobinPolicy("dc1", usedHostsPerRemoteDc: 1), a, b, far);
        Assert.Equal(HostDistance.Remote, lenient.Distance(far));
        Assert.Equal(far, lenient.NewQueryPlan(null, null).Last());
    }

    [Fact]
    public void A_data_centre_without_hosts_is_an_error_that_names_those_there_are()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => Begin(new DCAwareRoundRobinPolicy("dc9"), a, far));
        Assert.Contains("dc1, dc2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_local_data_centre_is_that_of_the_host_that_answered_first()
    {
        DCAwareRoundRobinPolicy policy = new();
        StubCluster cluster = new([a, far]);
        cluster.Metadata.ControlHost = far;
        policy.Initialize(cluster);
        Assert.Equal("dc2", policy.LocalDc);
    }

    [Fact]
    public void Token_aware_puts_the_replicas_first_and_everyone_else_behind()
    {
        TokenAwarePolicy policy = new(new DCAwareRoundRobinPolicy("dc1"));
        policy.Initialize(Replicated(2, a, b, c));
        Host[] replicas = [.. Replicated(2, a, b, c).GetReplicas("ks", "123"u8.ToArray())];
        Statement statement = new SimpleStatement("SELECT").SetRoutingKey(new RoutingKey("123"u8.ToArray()));
        for (int i = 0; i < 4; i++)
        {
            Host[] plan = [.. policy.NewQueryPlan("ks", statement)];
            Assert.Equal(3, plan.Length);
            Assert.Equal(replicas.ToHashSet(), plan.Take(2).ToHashSet());
            Assert.Contains(((IFirstHostPolicy)policy).FirstHost("ks", statement), replicas);
        }
    }

    [Fact]
    public void Replicas_take_turns()
    {
        TokenAwarePolicy policy = new(new RoundRobinPolicy());
        policy.Initialize(Replicated(2, a, b, c));
        Statement statement = new SimpleStatement("SELECT").SetRoutingKey(new RoutingKey("123"u8.ToArray()));
        Assert.Equal(2, Enumerable.Range(0, 10).Select(_ => ((IFirstHostPolicy)policy).FirstHost("ks", statement)).Distinct().Count());
    }

    [Fact]
    public void A_replica_that_is_down_is_passed_over()
    {
        TokenAwarePolicy policy = new(new RoundRobinPolicy());
        StubCluster cluster = Replicated(1, a, b, c);
        policy.Initialize(cluster);
        Host replica = cluster.GetReplicas("ks", "123"u8.ToArray()).Single();
        replica.SetUp(false);
        Statement statement = new SimpleStatement("SELECT").SetRoutingKey(new RoutingKey("123"u8.ToArray()));
        Assert.NotEqual(replica, ((IFirstHostPolicy)policy).FirstHost("ks", statement));
        Assert.NotEqual(replica, policy.NewQueryPlan("ks", statement).First(host => host.IsUp));
    }

    [Fact]
    public void A_changed_topology_changes_the_plans()
    {
        RoundRobinPolicy policy = new();
        StubCluster cluster = new([a, b]);
        policy.Initialize(cluster);
        cluster.Metadata.Topology = new TopologySnapshot([c], null, cluster.Metadata.Topology.Keyspaces);
        Assert.Equal([c], policy.NewQueryPlan(null, null));
    }

    private static StubCluster Replicated(int factor, params Host[] hosts) =>
        new(hosts, ("ks", new Dictionary<string, string> { ["class"] = "SimpleStrategy", ["replication_factor"] = $"{factor}" }));

    private static ILoadBalancingPolicy Begin(ILoadBalancingPolicy policy, params Host[] hosts)
    {
        policy.Initialize(new StubCluster(hosts));
        return policy;
    }
}
