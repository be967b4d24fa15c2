using Cassandra;

namespace StreamPlatform.Tests.Unit.Cassandra;

public sealed class ReplicationTests
{
    private static readonly Host A = StubCluster.Node(1, "dc1", "r1", 0);
    private static readonly Host B = StubCluster.Node(2, "dc1", "r1", 10);
    private static readonly Host C = StubCluster.Node(3, "dc1", "r2", 20);
    private static readonly Host D = StubCluster.Node(4, "dc1", "r1", 30);
    private static readonly Host E = StubCluster.Node(5, "dc2", "r1", 15);

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(10, 1)]
    [InlineData(30, 3)]
    [InlineData(31, 0)]
    [InlineData(long.MinValue, 0)]
    public void A_token_belongs_to_the_first_node_at_or_behind_it(long token, int index) =>
        Assert.Equal(index, new TokenRing([D, C, B, A]).IndexOf(token));

    [Fact]
    public void Simple_strategy_takes_the_next_nodes_of_the_ring()
    {
        Assert.Equal([B, C], Replicas([A, B, C], 5, ("class", "SimpleStrategy"), ("replication_factor", "2")));
        Assert.Equal([C, A, B], Replicas([A, B, C], 15, ("class", "org.apache.cassandra.locator.SimpleStrategy"), ("replication_factor", "5")));
    }

    [Fact]
    public void Network_topology_takes_one_node_per_rack_where_there_are_racks_enough()
    {
        Assert.Equal([A, C], Replicas([A, B, C, D], 0, ("class", "NetworkTopologyStrategy"), ("dc1", "2")));
        Assert.Equal([D, C], Replicas([A, B, C, D], 25, ("class", "NetworkTopologyStrategy"), ("dc1", "2")));
    }

    [Fact]
    public void Network_topology_repeats_racks_only_as_often_as_it_must()
    {
        Assert.Equal([A, B, C], Replicas([A, B, C, D], 0, ("class", "NetworkTopologyStrategy"), ("dc1", "3")));
        Assert.Equal([B, C, D], Replicas([A, B, C, D], 5, ("class", "NetworkTopologyStrategy"), ("dc1", "3")));
        Assert.Equal([D, A, C], Replicas([A, B, C, D], 25, ("class", "NetworkTopologyStrategy"), ("dc1", "3")));
    }

    [Fact]
    public void Network_topology_counts_each_data_centre_by_itself()
    {
        Assert.Equal([B, E, C], Replicas([A, B, C, D, E], 5, ("class", "NetworkTopologyStrategy"), ("dc1", "2"), ("dc2", "3")));
        Assert.Equal([B, C], Replicas([A, B, C, D, E], 5, ("class", "NetworkTopologyStrategy"), ("dc1", "2"), ("elsewhere", "3")));
    }

    [Fact]
    public void A_transient_replica_counts_as_a_replica() =>
        Assert.Equal([B, C, A], Replicas([A, B, C], 5, ("class", "SimpleStrategy"), ("replication_factor", "3/1")));

    [Theory]
    [InlineData("LocalStrategy", "1")]
    [InlineData("SimpleStrategy", "many")]
    [InlineData("SimpleStrategy", "1000000")]
    public void A_placement_that_is_not_understood_has_no_replicas(string strategy, string factor) =>
        Assert.Empty(Replicas([A, B], 5, ("class", strategy), ("replication_factor", factor)));

    private static Host[] Replicas(Host[] hosts, long token, params (string Key, string Value)[] replication)
    {
        StubCluster cluster = new(hosts, ("ks", replication.ToDictionary(pair => pair.Key, pair => pair.Value)));
        return cluster.Metadata.Topology.Replicas("ks", token);
    }
}
