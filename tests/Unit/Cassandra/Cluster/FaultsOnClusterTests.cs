using System.Diagnostics;
using System.Net;
using Cassandra;
using StreamPlatform.TestCassandra;

namespace StreamPlatform.Tests.Unit.Cassandra;

/// <summary>What a single node cannot show: nodes that die, hang, forget and disagree.</summary>
public sealed class FaultsOnClusterTests
{
    private static readonly CqlClusterOptions Everywhere = new() { ReplicationFactor = 3 };

    [Fact]
    public async Task A_node_that_dies_under_load_loses_nothing_idempotent()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(3, null, Everywhere);
        PreparedStatement insert = (await fake.Session.PrepareAsync(FakeClusterFixture.Insert)).SetIdempotence(true);
        CqlNode victim = fake.Server.Nodes[1];
        Task kill = Task.CompletedTask;
        int next = 0;
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async _ =>
        {
            for (int i = Interlocked.Increment(ref next); i <= 2000; i = Interlocked.Increment(ref next))
            {
                if (i == 700)
                {
                    kill = victim.KillAsync();
                }
                await fake.Session.ExecuteAsync(insert.Bind($"key-{i}", $"{i}"));
            }
        }));
        await kill;
        Assert.Equal(2000, fake.Server.Data.Count(pair => pair.Key.StartsWith("key-", StringComparison.Ordinal)));
        await FakeClusterFixture.EventuallyAsync(() => !fake.HostOf(victim).IsUp, "the dead node is known to be down");
    }

    [Fact]
    public async Task What_is_not_idempotent_is_written_once_and_the_loss_of_its_answer_is_told()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(3, null, Everywhere);
        PreparedStatement insert = await fake.Session.PrepareAsync(FakeClusterFixture.Insert);
        fake.Server.Faults.Add(request => request.Key == "once", new CqlFault.Cut(Applied: true), times: 1);
        await Assert.ThrowsAnyAsync<DriverException>(() => fake.Session.ExecuteAsync(insert.Bind("once", "1")));
        Assert.Single(fake.Server.Data["once"]);

        fake.Server.Faults.Add(request => request.Key == "again", new CqlFault.Cut(Applied: true), times: 1);
        await fake.Session.ExecuteAsync(insert.Bind("again", "1").SetIdempotence(true));
        Assert.Equal(2, fake.Server.Data["again"].Count);
    }

    [Fact]
    public async Task A_node_that_comes_back_is_prepared_before_it_is_asked()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(2, null, new CqlClusterOptions { ReplicationFactor = 2 });
        PreparedStatement insert = (await fake.Session.PrepareAsync(FakeClusterFixture.Insert)).SetIdempotence(true);
        CqlNode node = fake.Server.Nodes[1];
        Host host = fake.HostOf(node);
        await node.KillAsync();
        await FakeClusterFixture.EventuallyAsync(() => !host.IsUp, "down");
        int before = fake.Server.Requests.Count;
        await node.StartAsync();
        await FakeClusterFixture.EventuallyAsync(() => host.IsUp, "up");
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => fake.Session.ExecuteAsync(insert.Bind($"key-{i}", ""))));
        string[] kinds = [.. fake.Server.Requests.Skip(before).Where(request => request.Node == node).Select(request => request.Kind)];
        Assert.Equal("PREPARE", kinds[0]);
        Assert.Equal(1, kinds.Count(kind => kind == "PREPARE"));
        Assert.Contains("EXECUTE", kinds);
    }

    [Fact]
    public async Task A_statement_that_a_node_has_forgotten_is_prepared_again()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(1);
        PreparedStatement insert = await fake.Session.PrepareAsync(FakeClusterFixture.Insert);
        fake.Server.Nodes[0].ForgetPrepared();
        await fake.Session.ExecuteAsync(insert.Bind("a", "1"));
        fake.Server.Nodes[0].ForgetPrepared();
        await fake.Session.ExecuteAsync(new BatchStatement().Add(insert.Bind("b", "1")).Add(insert.Bind("c", "1")));
        Assert.Equal(3, fake.Server.Data.Count);
    }

    [Fact]
    public async Task A_slow_node_is_overtaken_by_a_speculative_execution()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(
            3, builder => builder.WithSpeculativeExecutionPolicy(new ConstantSpeculativeExecutionPolicy(20, 2)), Everywhere);
        PreparedStatement insert = await fake.Session.PrepareAsync(FakeClusterFixture.Insert);
        CqlNode slow = fake.Server.Nodes[2];
        fake.Server.Faults.Add(request => request.Node == slow && request.Kind == "EXECUTE", new CqlFault.Hang());
        long started = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, 60).Select(i => fake.Session.ExecuteAsync(insert.Bind($"key-{i}", "").SetIdempotence(true))));
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(8), "the slow node was waited for");
        Assert.Equal(60, fake.Server.Data.Count);
        Assert.Contains(fake.Server.Requests, request => request.Node == slow && request.Kind == "EXECUTE");
    }

    [Fact]
    public async Task What_is_not_idempotent_is_never_executed_speculatively()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(
            3, builder => builder.WithSpeculativeExecutionPolicy(new ConstantSpeculativeExecutionPolicy(1, 2)), Everywhere);
        PreparedStatement insert = await fake.Session.PrepareAsync(FakeClusterFixture.Insert);
        TaskCompletionSource late = new();
        fake.Server.Faults.Add(request => request.Key == "x", new CqlFault.Late(late.Task));
        Task<RowSet> write = fake.Session.ExecuteAsync(insert.Bind("x", "1"));
        await Task.WhenAny(write, Task.Delay(100));
        late.SetResult();
        await write;
        Assert.Single(fake.Server.Data["x"]);
    }

    [Fact]
    public async Task Late_answers_never_reach_another_request()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(1);
        PreparedStatement insert = await fake.Session.PrepareAsync(FakeClusterFixture.Insert);
        PreparedStatement select = await fake.Session.PrepareAsync(FakeClusterFixture.Select);
        await Task.WhenAll(Enumerable.Range(0, 400).Select(i => fake.Session.ExecuteAsync(insert.Bind($"{i}", $"value of {i}"))));
        TaskCompletionSource late = new();
        fake.Server.Faults.Add(request => request.Kind == "EXECUTE" && int.Parse(request.Key!) % 4 == 0, new CqlFault.Late(late.Task), times: 100);
        int timedOut = 0, right = 0;
        async Task ReadAsync(int i, int timeoutMs)
        {
            try
            {
                RowSet rows = await fake.Session.ExecuteAsync(select.Bind($"{i}").SetReadTimeoutMillis(timeoutMs));
                Assert.Equal($"value of {i}", rows.Single().GetValue<string>("v1"));
                Interlocked.Increment(ref right);
            }
            catch (OperationTimedOutException)
            {
                Interlocked.Increment(ref timedOut);
            }
        }
        await Task.WhenAll(Enumerable.Range(0, 400).Select(i => ReadAsync(i, i % 4 == 0 ? 100 : 10_000)));
        Assert.Equal((100, 300), (timedOut, right));
        Task afterwards = Task.WhenAll(Enumerable.Range(0, 400).Select(i => ReadAsync(i, 10_000)));
        late.SetResult(); // a hundred late answers among four hundred new ones
        await afterwards;
        Assert.Equal((100, 700), (timedOut, right));
    }

    [Fact]
    public async Task An_overloaded_node_is_asked_again_after_a_while_even_if_it_is_the_only_one()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(1);
        PreparedStatement insert = await fake.Session.PrepareAsync(FakeClusterFixture.Insert);
        fake.Server.Faults.Add(request => request.Kind == "EXECUTE", new CqlFault.Error(0x1001), times: 3);
        await fake.Session.ExecuteAsync(insert.Bind("a", "1"));
        fake.Server.Faults.Add(request => request.Kind == "EXECUTE", new CqlFault.Error(0x1001));
        await Assert.ThrowsAsync<OverloadedException>(() => fake.Session.ExecuteAsync(insert.Bind("a", "2")));
        Assert.Single(fake.Server.Data["a"]);
    }

    [Fact]
    public async Task A_write_timeout_is_repeated_only_when_that_changes_nothing()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(1);
        PreparedStatement insert = await fake.Session.PrepareAsync(FakeClusterFixture.Insert);
        fake.Server.Faults.Add(request => request.Key == "a", new CqlFault.WriteTimeout(), times: 1);
        WriteTimeoutException error = await Assert.ThrowsAsync<WriteTimeoutException>(() => fake.Session.ExecuteAsync(insert.Bind("a", "1")));
        Assert.Equal("SIMPLE", error.WriteType);
        Assert.Single(fake.Server.Data["a"]);
        fake.Server.Faults.Add(request => request.Key == "b", new CqlFault.WriteTimeout(), times: 1);
        await fake.Session.ExecuteAsync(insert.Bind("b", "1").SetIdempotence(true));
        Assert.Equal(2, fake.Server.Data["b"].Count);
    }

    [Fact]
    public async Task Unavailable_is_asked_of_one_other_node()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(3, null, Everywhere);
        PreparedStatement insert = await fake.Session.PrepareAsync(FakeClusterFixture.Insert);
        fake.Server.Faults.Add(request => request.Key == "a", new CqlFault.Unavailable(), times: 1);
        RowSet rows = await fake.Session.ExecuteAsync(insert.Bind("a", "1"));
        Assert.Equal(2, rows.Info.TriedHosts.Distinct().Count());
        fake.Server.Faults.Add(request => request.Key == "a", new CqlFault.Unavailable());
        await Assert.ThrowsAsync<UnavailableException>(() => fake.Session.ExecuteAsync(insert.Bind("a", "2")));
    }

    [Fact]
    public async Task Connections_that_are_cut_come_back()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(1);
        PreparedStatement insert = (await fake.Session.PrepareAsync(FakeClusterFixture.Insert)).SetIdempotence(true);
        CqlNode node = fake.Server.Nodes[0];
        for (int round = 0; round < 5; round++)
        {
            await fake.Session.ExecuteAsync(insert.Bind($"{round}", ""));
            int seen = node.ConnectionsSeen;
            node.Cut();
            await FakeClusterFixture.EventuallyAsync(
                () => node.ConnectionsSeen == seen + 2 && fake.HostOf(node).IsUp && fake.Cluster.Metadata.ControlHost is not null, "both connections are back");
        }
        Assert.Equal(5, fake.Server.Data.Count);
    }

    [Fact]
    public async Task Connections_come_back_when_the_credentials_were_not_to_be_had_for_a_while()
    {
        Vault vault = new();
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(
            1, builder => builder.WithAuthProvider(vault), new CqlClusterOptions { Credentials = ("user", "secret") });
        PreparedStatement insert = (await fake.Session.PrepareAsync(FakeClusterFixture.Insert)).SetIdempotence(true);
        CqlNode node = fake.Server.Nodes[0];
        int seen = node.ConnectionsSeen;
        vault.Fail(2); // the first attempts of the control connection and of the pool, or two of one of them
        node.Cut();
        await FakeClusterFixture.EventuallyAsync(
            () => node.ConnectionsSeen == seen + 4 && fake.HostOf(node).IsUp && fake.Cluster.Metadata.ControlHost is not null, "both connections are back");
        await fake.Session.ExecuteAsync(insert.Bind("a", "1"));
        Assert.Single(fake.Server.Data["a"]);
    }

    private sealed class Vault : IAuthProvider
    {
        private readonly PlainTextAuthProvider open = new("user", "secret");
        private int failures;

        public void Fail(int times) => Volatile.Write(ref failures, times);

        public IAuthenticator NewAuthenticator(IPEndPoint host) =>
            Interlocked.Decrement(ref failures) >= 0 ? throw new InvalidOperationException("the vault is sealed") : open.NewAuthenticator(host);
    }
}
