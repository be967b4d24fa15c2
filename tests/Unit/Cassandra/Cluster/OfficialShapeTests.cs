using System.Net;
using System.Text;
using Cassandra;
using StreamPlatform.TestCassandra;

namespace StreamPlatform.Tests.Unit.Cassandra;

/// <summary>
/// Source as one writes it for the official C# driver (its manual's patterns): that it compiles against this client is half of the test. What it cannot show is in
/// docs/cassandra-client.md, "The official package in its place".
/// </summary>
public sealed class OfficialShapeTests
{
    [Fact]
    public async Task A_cluster_is_built_and_asked_as_in_the_manual()
    {
        await using CqlCluster server = await CqlCluster.StartAsync(2);
        IPEndPoint address = server.Nodes[0].Address;
        ICluster cluster = global::Cassandra.Cluster.Builder()
            .AddContactPoints(new List<IPEndPoint> { address })
            .WithDefaultKeyspace("ks")
            .WithApplicationName("manual")
            .WithCompression(CompressionType.LZ4)
            .WithLoadBalancingPolicy(Policies.NewDefaultLoadBalancingPolicy("dc1"))
            .WithSpeculativeExecutionPolicy(Policies.DefaultSpeculativeExecutionPolicy)
            .WithReconnectionPolicy(new ConstantReconnectionPolicy(100L))
            .WithRetryPolicy(new CountingPolicy())
            .WithPoolingOptions(new PoolingOptions()
                .SetCoreConnectionsPerHost(HostDistance.Local, 1).SetMaxConnectionsPerHost(HostDistance.Local, 3)
                .SetMaxRequestsPerConnection(1024).SetMaxSimultaneousRequestsPerConnectionTreshold(HostDistance.Remote, 7).SetHeartBeatInterval(10_000))
            .WithQueryOptions(new QueryOptions().SetConsistencyLevel(ConsistencyLevel.LocalQuorum).SetPageSize(1000).SetDefaultIdempotence(false))
            .WithSocketOptions(new SocketOptions().SetConnectTimeoutMillis(5000).SetReadTimeoutMillis(12_000))
            .Build();
        using ISession session = cluster.Connect();
        PoolingOptions pooling = cluster.Configuration.PoolingOptions;
        Assert.Equal((1024, 128, 7), (
            pooling.GetMaxRequestsPerConnection(), pooling.GetMaxSimultaneousRequestsPerConnectionTreshold(HostDistance.Local),
            pooling.GetMaxSimultaneousRequestsPerConnectionTreshold(HostDistance.Remote)));
        Assert.Equal(2, cluster.AllHosts().Count);
        Assert.True(cluster.RefreshSchema("ks", "t"));
        Assert.Contains("t", cluster.Metadata.GetTables("ks"));
        Assert.Single(cluster.GetReplicas(Encoding.UTF8.GetBytes("k1")));
        session.CreateKeyspaceIfNotExists("it's", new Dictionary<string, string> { ["class"] = "NetworkTopologyStrategy", ["dc'1"] = "1" });
        string created = server.Requests.Last(request => request.Kind == "QUERY").Cql;
        Assert.Equal("CREATE KEYSPACE IF NOT EXISTS \"it's\" WITH replication = {'class': 'NetworkTopologyStrategy', 'dc''1': '1'} AND durable_writes = true", created);
        session.DeleteKeyspaceIfExists("it's");
        RowSet rows = session.Execute("SELECT k, v1 FROM ks.pages", 10);
        Assert.Equal(10, rows.GetAvailableWithoutFetching());
        session.Execute("SELECT k, v1 FROM ks.t", ConsistencyLevel.One);
        Assert.Equal(ConsistencyLevel.One, server.Requests.Last(request => request.Kind == "QUERY").Consistency);
        cluster.Shutdown(0);
    }

    [Fact]
    public async Task Statements_are_bound_by_position_and_by_name()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(1);
        ISession session = fake.Session;
        PreparedStatement prepared = await session.PrepareAsync(FakeClusterFixture.Insert, "ks");
        Assert.Equal("ks", fake.Server.Requests.Last(request => request.Kind == "PREPARE").Keyspace);
        Assert.Equal(["k", "v1"], prepared.Variables.Columns.Select(column => column.Name));
        Assert.Equal(typeof(string), prepared.Variables.Columns[0].Type);
        Assert.Equal([0], prepared.RoutingIndexes);

        IStatement statement = prepared.Bind(new { V1 = "value", k = "key" });
        statement = statement.SetConsistencyLevel(ConsistencyLevel.Quorum).SetIdempotence(true).SetPageSize(100).SetTimestamp(DateTimeOffset.UnixEpoch).EnableTracing(false);
        await session.ExecuteAsync(statement);
        Assert.Equal(["value"], fake.Server.Data["key"]);

        await session.ExecuteAsync(new SimpleStatement("INSERT INTO ks.t (k, v1) VALUES (:theKey, :theValue)", new { theKey = "simple", theValue = "1" }));
        await session.ExecuteAsync(new SimpleStatement(new Dictionary<string, object?> { ["theKey"] = "map", ["theValue"] = "2" }, "INSERT INTO ks.t (k, v1) VALUES (:theKey, :theValue)"));
        Assert.Equal("1", Assert.Single(fake.Server.Data["simple"]));
        Assert.All(fake.Server.Requests.Where(request => request.Kind == "QUERY"), request => Assert.Equal(["thekey", "thevalue"], request.ValueNames));

        BatchStatement batch = new();
        batch.Add(prepared.Bind("a", "1")).Add(prepared.Bind("b", "2")).SetBatchType(BatchType.Unlogged);
        session.Execute(batch);
        Row row = session.Execute(new SimpleStatement("SELECT k, v1 FROM ks.t WHERE k = ?", "a")).First();
        Assert.True(row.ContainsColumn("v1") && !row.ContainsColumn("v9"));
        Assert.Equal("1", row.GetValue(typeof(string), "v1"));
        Assert.Equal("a", row.GetValue<string>(0));
        Assert.Equal(["k10", "k20"], session.Execute("SELECT k, v1 FROM ks.pages").Where(one => one.GetValue<string>("k").EndsWith('0')).Select(one => one.GetValue<string>("k")).Skip(1).Take(2));
    }

    [Fact]
    public async Task A_routing_key_that_is_given_decides_who_is_asked()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(3);
        PreparedStatement select = await fake.Session.PrepareAsync("SELECT k, v1 FROM ks.pages");
        for (int i = 0; i < 20; i++)
        {
            byte[] key = Encoding.UTF8.GetBytes($"key-{i}");
            CqlNode owner = fake.Server.OwnerOf(Murmur3Partitioner.Token(key));
            await fake.Session.ExecuteAsync(new SimpleStatement("SELECT k, v1 FROM ks.t").SetRoutingValues($"key-{i}").SetKeyspace("ks"));
            Assert.Same(owner, fake.Server.Requests.Last().Node);
            await fake.Session.ExecuteAsync(new SimpleStatement("SELECT k, v1 FROM ks.t").SetRoutingKey(new RoutingKey(key)).SetKeyspace("ks"));
            Assert.Same(owner, fake.Server.Requests.Last().Node);
            await fake.Session.ExecuteAsync(select.SetRoutingKey(new RoutingKey(key)).Bind());
            Assert.Same(owner, fake.Server.Requests.Last().Node);
        }
        RoutingKey pair = new SimpleStatement("SELECT").SetRoutingValues("a", 1).RoutingKey!;
        Assert.Equal<byte>([0, 1, (byte)'a', 0, 0, 4, 0, 0, 0, 1, 0], pair.RawRoutingKey);
    }

    [Fact]
    public async Task A_page_may_be_fetched_while_the_one_before_is_read()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(1);
        RowSet rows = fake.Session.Execute("SELECT k, v1 FROM ks.pages", 20);
        List<string> keys = [];
        List<Task> fetches = [];
        foreach (Row row in rows.GetRows())
        {
            keys.Add(row.GetValue<string>("k"));
            if (rows.GetAvailableWithoutFetching() == 10 && !rows.IsFullyFetched)
            {
                fetches.Add(rows.FetchMoreResultsAsync()); // as the manual does: not waited for, and asked twice it fetches once
                fetches.Add(rows.FetchMoreResultsAsync());
            }
        }
        await Task.WhenAll(fetches);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"k{i}"), keys);
        Assert.Equal(5, fake.Server.Requests.Count(request => request.Kind == "QUERY"));
    }

    [Fact]
    public async Task A_retry_policy_written_for_the_official_driver_decides()
    {
        CountingPolicy policy = new();
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(1, builder => builder.WithRetryPolicy(policy));
        fake.Server.Faults.Add(request => request.Kind == "QUERY", new CqlFault.Error(0x0000), times: 2);
        await fake.Session.ExecuteAsync(new SimpleStatement("SELECT k, v1 FROM ks.t"));
        Assert.Equal((2, fake.Cluster.Configuration), (policy.Errors, policy.Seen));
    }

    [Fact]
    public void Types_are_made_as_in_the_manual()
    {
        TimeUuid id = TimeUuid.NewId();
        Guid guid = id;
        TimeUuid back = guid;
        Assert.Equal(id, back);
        Assert.Equal(id, TimeUuid.Parse(id.ToString()));
        Assert.Throws<ArgumentException>(() => (TimeUuid)Guid.NewGuid());
        LocalDate date = LocalDate.Parse("2026-03-04");
        Assert.Equal((2026, 3, 4), (date.Year, date.Month, date.Day));
        LocalTime time = new(13, 14, 15, 16);
        Assert.Equal((13, 14, 15, 16), (time.Hour, time.Minute, time.Second, time.Nanoseconds));
    }

    private sealed class CountingPolicy : IExtendedRetryPolicy
    {
        public int Errors { get; private set; }

        public Configuration? Seen { get; private set; }

        public RetryDecision OnReadTimeout(IStatement query, ConsistencyLevel cl, int requiredResponses, int receivedResponses, bool dataRetrieved, int nbRetry) =>
            RetryDecision.Rethrow();

        public RetryDecision OnWriteTimeout(IStatement query, ConsistencyLevel cl, string writeType, int requiredAcks, int receivedAcks, int nbRetry) => RetryDecision.Ignore();

        public RetryDecision OnUnavailable(IStatement query, ConsistencyLevel cl, int requiredReplica, int aliveReplica, int nbRetry) => RetryDecision.Retry(cl, true);

        public RetryDecision OnRequestError(IStatement statement, Configuration config, Exception ex, int nbRetry)
        {
            Errors++;
            Seen = config;
            return nbRetry < 3 ? RetryDecision.Retry(null, useCurrentHost: true) : RetryDecision.Rethrow();
        }
    }
}
