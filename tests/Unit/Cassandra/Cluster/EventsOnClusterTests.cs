using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Cassandra;
using StreamPlatform.TestCassandra;

namespace StreamPlatform.Tests.Unit.Cassandra;

/// <summary>What nodes announce, and what becomes of it.</summary>
public sealed class EventsOnClusterTests
{
    [Fact]
    public async Task A_node_that_is_said_to_be_up_is_tried_at_once()
    {
        // by its schedule it would be tried again after an hour
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(2, builder => builder.WithReconnectionPolicy(new ConstantReconnectionPolicy(3_600_000)));
        CqlNode node = fake.Server.Nodes[1];
        Host host = fake.HostOf(node);
        List<bool> seen = [];
        host.Down += _ => seen.Add(false);
        host.Up += _ => seen.Add(true);
        await node.KillAsync();
        await FakeClusterFixture.EventuallyAsync(() => !host.IsUp, "down");
        await node.StartAsync();
        await FakeClusterFixture.EventuallyAsync(
            () =>
            {
                fake.Server.AnnounceAsync("STATUS_CHANGE", "UP", node).GetAwaiter().GetResult(); // again: the first may come before the last attempt has failed
                return host.IsUp;
            },
            "up");
        Assert.Equal([false, true], seen);
        PreparedStatement insert = await fake.Session.PrepareAsync(FakeClusterFixture.Insert);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => fake.Session.ExecuteAsync(insert.Bind($"key-{i}", ""))));
        Assert.Contains(fake.Server.Requests, request => request.Kind == "EXECUTE" && request.Node == node);
    }

    [Fact]
    public async Task A_node_that_is_said_to_be_down_and_answers_stays_up()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(2);
        CqlNode node = fake.Server.Nodes[1];
        await fake.Server.AnnounceAsync("STATUS_CHANGE", "DOWN", node);
        fake.Server.Tables.TryAdd("afterwards", true);
        await fake.Server.AnnounceSchemaAsync("CREATED", "afterwards"); // once this is known, the other has been heard too
        await FakeClusterFixture.EventuallyAsync(() => fake.Cluster.Metadata.GetTable("ks", "afterwards") is not null, "the later event is known");
        Assert.True(fake.HostOf(node).IsUp);
    }

    [Fact]
    public async Task A_table_that_is_dropped_is_forgotten()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(1);
        Assert.NotNull(fake.Cluster.Metadata.GetTable("ks", "t"));
        fake.Server.Tables.TryRemove("t", out _);
        await fake.Server.AnnounceSchemaAsync("DROPPED", "t");
        await FakeClusterFixture.EventuallyAsync(() => fake.Cluster.Metadata.GetTable("ks", "t") is null, "the table is gone");
    }

    [Fact]
    public async Task What_could_not_be_read_up_is_read_again()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(1);
        fake.Server.SystemFaults.Add(request => request.Cql.Contains("peers", StringComparison.Ordinal), new CqlFault.Error(0x0000), times: 1);
        CqlNode joined = await fake.Server.AddAsync(long.MaxValue - 1);
        fake.Server.Tables.TryAdd("fresh", true);
        await fake.Server.AnnounceAsync("TOPOLOGY_CHANGE", "NEW_NODE", joined);
        await fake.Server.AnnounceSchemaAsync("CREATED", "fresh");
        await FakeClusterFixture.EventuallyAsync(() => fake.Cluster.GetHost(joined.Address)?.IsUp == true, "the new node is up");
        await FakeClusterFixture.EventuallyAsync(() => fake.Cluster.Metadata.GetTable("ks", "fresh") is not null, "the new table is known");
    }

    [Fact]
    public async Task What_cannot_be_read_up_is_asked_for_less_and_less_often_and_holds_up_no_node_that_is_back()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(2, builder => builder.WithReconnectionPolicy(new ConstantReconnectionPolicy(3_600_000)));
        CqlNode node = fake.Server.Nodes[1];
        Host host = fake.HostOf(node);
        await node.KillAsync();
        await FakeClusterFixture.EventuallyAsync(() => !host.IsUp, "down");
        ConcurrentQueue<long> asked = new();
        fake.Server.SystemFaults.Add(
            request =>
            {
                bool peers = request.Cql.Contains("peers", StringComparison.Ordinal);
                if (peers)
                {
                    asked.Enqueue(Stopwatch.GetTimestamp());
                }
                return peers;
            },
            new CqlFault.Error(0x0000));
        await fake.Server.AnnounceAsync("TOPOLOGY_CHANGE", "NEW_NODE", node);
        await FakeClusterFixture.EventuallyAsync(() => asked.Count >= 3, "asked again and again"); // after one second, then after two
        long[] times = [.. asked];
        Assert.True(Stopwatch.GetElapsedTime(times[1], times[2]) > TimeSpan.FromSeconds(1.9), "it is asked as often as before");
        await node.StartAsync();
        await FakeClusterFixture.EventuallyAsync(
            () =>
            {
                fake.Server.AnnounceAsync("STATUS_CHANGE", "UP", node).GetAwaiter().GetResult();
                return host.IsUp;
            },
            "up, though nothing can be read");
    }

    [Fact]
    public async Task With_its_replica_gone_a_key_goes_to_the_other_replica_and_not_to_just_anyone()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(
            4, builder => builder.WithReconnectionPolicy(new ConstantReconnectionPolicy(3_600_000)), new CqlClusterOptions { ReplicationFactor = 2 });
        PreparedStatement insert = (await fake.Session.PrepareAsync(FakeClusterFixture.Insert)).SetIdempotence(true);
        CqlNode victim = fake.Server.Nodes[2];
        await victim.KillAsync();
        await FakeClusterFixture.EventuallyAsync(() => !fake.HostOf(victim).IsUp, "down");
        int before = fake.Server.Requests.Count;
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => fake.Session.ExecuteAsync(insert.Bind($"key-{i}", ""))));
        CqlRequest[] executed = [.. fake.Server.Requests.Skip(before).Where(request => request.Kind == "EXECUTE")];
        Assert.Equal(200, executed.Length);
        Assert.All(executed, request => Assert.Contains(
            request.Node.Address, fake.Cluster.GetReplicas("ks", Encoding.UTF8.GetBytes(request.Key!)).Where(host => host.IsUp).Select(host => host.Address)));
    }

    [Fact]
    public async Task A_batch_is_repeated_only_when_all_of_it_may_be()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(1);
        PreparedStatement insert = await fake.Session.PrepareAsync(FakeClusterFixture.Insert);
        fake.Server.Faults.Add(request => request.Kind == "BATCH", new CqlFault.WriteTimeout("UNLOGGED_BATCH"), times: 2);
        BatchStatement half = new BatchStatement().SetBatchType(BatchType.Unlogged)
            .Add(insert.Bind("half", "1").SetIdempotence(true)).Add(insert.Bind("half", "2"));
        await Assert.ThrowsAsync<WriteTimeoutException>(() => fake.Session.ExecuteAsync(half));
        Assert.Equal(["1", "2"], fake.Server.Data["half"]);
        BatchStatement whole = new BatchStatement().SetBatchType(BatchType.Unlogged)
            .Add(insert.Bind("whole", "1").SetIdempotence(true)).Add(insert.Bind("whole", "2").SetIdempotence(true));
        await fake.Session.ExecuteAsync(whole);
        Assert.Equal(["1", "2", "1", "2"], fake.Server.Data["whole"]);
    }

    [Fact]
    public async Task The_default_idempotence_counts_where_a_statement_says_nothing()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(1, builder => builder.WithQueryOptions(new QueryOptions().SetDefaultIdempotence(true)));
        PreparedStatement insert = await fake.Session.PrepareAsync(FakeClusterFixture.Insert);
        fake.Server.Faults.Add(request => request.Key == "said nothing", new CqlFault.WriteTimeout(), times: 1);
        fake.Server.Faults.Add(request => request.Key == "said no", new CqlFault.WriteTimeout(), times: 1);
        await fake.Session.ExecuteAsync(insert.Bind("said nothing", "1"));
        Assert.Equal(2, fake.Server.Data["said nothing"].Count);
        await Assert.ThrowsAsync<WriteTimeoutException>(() => fake.Session.ExecuteAsync(insert.Bind("said no", "1").SetIdempotence(false)));
        Assert.Single(fake.Server.Data["said no"]);
    }
}
