using System.Text;
using Cassandra;
using StreamPlatform.TestCassandra;

namespace StreamPlatform.Tests.Unit.Cassandra;

/// <summary>What a single node cannot show: who is asked.</summary>
public sealed class RoutingOnClusterTests
{
    [Fact]
    public async Task Each_bound_statement_goes_to_the_replica_of_its_key()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(3);
        PreparedStatement insert = await fake.Session.PrepareAsync(FakeClusterFixture.Insert);
        await Task.WhenAll(Enumerable.Range(0, 300).Select(i => fake.Session.ExecuteAsync(insert.Bind($"key-{i}", $"{i}"))));

        CqlRequest[] executed = [.. fake.Server.Requests.Where(request => request.Kind == "EXECUTE")];
        Assert.Equal(300, executed.Length);
        Assert.All(executed, request => Assert.Equal(Owner(fake, request.Key!), request.Node));
        Assert.Equal(3, executed.Select(request => request.Node).Distinct().Count());
    }

    [Fact]
    public async Task A_batch_goes_to_the_replica_of_its_first_key()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(3);
        PreparedStatement insert = await fake.Session.PrepareAsync(FakeClusterFixture.Insert);
        for (int i = 0; i < 20; i++)
        {
            BatchStatement batch = new BatchStatement().SetBatchType(BatchType.Unlogged).Add(insert.Bind($"key-{i}", "a")).Add(insert.Bind($"key-{i}", "b"));
            await fake.Session.ExecuteAsync(batch);
        }
        Assert.All(fake.Server.Requests.Where(request => request.Kind == "BATCH"), request => Assert.Equal(Owner(fake, request.Key!), request.Node));
        Assert.Equal(["a", "b"], fake.Server.Data["key-7"]);
    }

    [Fact]
    public async Task A_node_that_joins_gets_its_share_and_one_that_leaves_is_asked_no_more()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(2);
        List<Host> added = [], removed = [];
        fake.Cluster.HostAdded += added.Add;
        fake.Cluster.HostRemoved += removed.Add;
        PreparedStatement insert = await fake.Session.PrepareAsync(FakeClusterFixture.Insert);

        CqlNode joined = await fake.Server.AddAsync(long.MaxValue - 1);
        await fake.Server.AnnounceAsync("TOPOLOGY_CHANGE", "NEW_NODE", joined);
        await FakeClusterFixture.EventuallyAsync(() => fake.Cluster.GetHost(joined.Address)?.IsUp == true, "the new node is up");
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => fake.Session.ExecuteAsync(insert.Bind($"key-{i}", ""))));
        CqlRequest[] executed = [.. fake.Server.Requests.Where(request => request.Kind == "EXECUTE")];
        Assert.All(executed, request => Assert.Equal(Owner(fake, request.Key!), request.Node));
        Assert.Contains(executed, request => request.Node == joined);
        Assert.Equal(joined.Address, Assert.Single(added).Address);

        await fake.Server.RemoveAsync(joined);
        await fake.Server.AnnounceAsync("TOPOLOGY_CHANGE", "REMOVED_NODE", joined);
        await FakeClusterFixture.EventuallyAsync(() => removed.Count == 1, "the node has left");
        await Task.WhenAll(Enumerable.Range(0, 100).Select(i => fake.Session.ExecuteAsync(insert.Bind($"key-{i}", "").SetIdempotence(true))));
        Assert.Equal(2, fake.Cluster.AllHosts().Count);
        Assert.Equal(200, fake.Server.Requests.Count(request => request.Kind == "EXECUTE"));
    }

    [Fact]
    public async Task The_control_connection_moves_to_another_node()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(3);
        CqlNode first = fake.Server.Nodes[0];
        Assert.Equal(first.Address, fake.Cluster.Metadata.ControlHost?.Address);
        await first.KillAsync();
        await FakeClusterFixture.EventuallyAsync(
            () => fake.Cluster.Metadata.ControlHost is { } host && !host.Address.Equals(first.Address), "another control host");

        CqlNode joined = await fake.Server.AddAsync(long.MaxValue - 1);
        await fake.Server.AnnounceAsync("TOPOLOGY_CHANGE", "NEW_NODE", joined); // events are heard on the new connection
        await FakeClusterFixture.EventuallyAsync(() => fake.Cluster.GetHost(joined.Address) is not null, "the new node is known");
    }

    [Fact]
    public async Task Schema_events_of_others_are_read_up()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(1);
        Assert.NotNull(fake.Cluster.Metadata.GetTable("ks", "t"));
        fake.Server.Tables.TryAdd("fresh", true);
        await fake.Server.AnnounceSchemaAsync("CREATED", "fresh");
        await FakeClusterFixture.EventuallyAsync(() => fake.Cluster.Metadata.GetTable("ks", "fresh") is not null, "the new table is known");
        Assert.Equal("k", Assert.Single(fake.Cluster.Metadata.GetTable("ks", "fresh")!.PartitionKeys).Name);
    }

    [Fact]
    public async Task A_schema_change_waits_until_nodes_agree()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(2, builder => builder.WithMaxSchemaAgreementWaitSeconds(1));
        RowSet agreed = await fake.Session.ExecuteAsync(new SimpleStatement("CREATE TABLE ks.one (k text PRIMARY KEY)"));
        Assert.True(agreed.Info.IsSchemaInAgreement);
        Assert.NotNull(fake.Cluster.Metadata.GetTable("ks", "one"));

        fake.Server.Nodes[1].SchemaVersion = Guid.NewGuid();
        RowSet split = await fake.Session.ExecuteAsync(new SimpleStatement("CREATE TABLE ks.two (k text PRIMARY KEY)"));
        Assert.False(split.Info.IsSchemaInAgreement);
    }

    private static CqlNode Owner(FakeClusterFixture fake, string key) => fake.Server.OwnerOf(Murmur3Partitioner.Token(Encoding.UTF8.GetBytes(key)));
}
