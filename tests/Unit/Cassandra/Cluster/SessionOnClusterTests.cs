using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Cassandra;
using StreamPlatform.TestCassandra;

namespace StreamPlatform.Tests.Unit.Cassandra;

/// <summary>What sessions promise, on the stand-in, where it can be forced.</summary>
public sealed class SessionOnClusterTests
{
    [Fact]
    public async Task Rows_come_page_by_page()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(2, builder => builder.WithCompression(CompressionType.LZ4));
        PreparedStatement select = await fake.Session.PrepareAsync("SELECT k, v1 FROM ks.pages");
        RowSet rows = await fake.Session.ExecuteAsync(select.Bind().SetPageSize(7));
        Assert.Equal(7, rows.GetAvailableWithoutFetching());
        List<string> keys = [];
        await foreach (Row row in rows)
        {
            keys.Add(row.GetValue<string>("k"));
        }
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"k{i}"), keys);
        Assert.Equal(100, (await fake.Session.ExecuteAsync(new SimpleStatement("SELECT k, v1 FROM ks.pages").SetPageSize(33))).Count());
    }

    [Fact]
    public async Task A_caller_can_go_on_from_a_paging_state_of_its_own()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(1);
        PreparedStatement select = await fake.Session.PrepareAsync("SELECT k, v1 FROM ks.pages");
        RowSet first = await fake.Session.ExecuteAsync(select.Bind().SetPageSize(60).SetAutoPage(false));
        Assert.Equal(60, first.Count());
        RowSet second = await fake.Session.ExecuteAsync(select.Bind().SetPageSize(60).SetPagingState(first.PagingState));
        Assert.Equal("k60", second.First()[0]);
        Assert.Null(second.PagingState);
    }

    [Fact]
    public async Task Columns_that_are_added_show_in_results_of_statements_prepared_before()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(1);
        PreparedStatement insert = await fake.Session.PrepareAsync(FakeClusterFixture.Insert);
        PreparedStatement select = await fake.Session.PrepareAsync("SELECT * FROM ks.t WHERE k = ?");
        await fake.Session.ExecuteAsync(insert.Bind("a", "1"));
        Assert.Equal(2, (await fake.Session.ExecuteAsync(select.Bind("a"))).Columns.Length);
        fake.Server.Tables.TryAdd("wide", true);
        for (int i = 0; i < 3; i++)
        {
            Row row = (await fake.Session.ExecuteAsync(select.Bind("a"))).Single();
            Assert.Equal("more", row.GetValue<string>("v2"));
        }
    }

    [Fact]
    public async Task A_full_pool_says_so()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(1, builder => builder.WithPoolingOptions(
            PoolingOptions.Create().SetMaxConnectionsPerHost(HostDistance.Local, 1).SetMaxRequestsPerConnection(4)));
        PreparedStatement insert = await fake.Session.PrepareAsync(FakeClusterFixture.Insert);
        TaskCompletionSource late = new();
        fake.Server.Faults.Add(request => request.Kind == "EXECUTE", new CqlFault.Late(late.Task));
        Task<RowSet>[] writes = [.. Enumerable.Range(0, 20).Select(i => fake.Session.ExecuteAsync(insert.Bind($"{i}", "")))];
        NoHostAvailableException error = await Assert.ThrowsAsync<NoHostAvailableException>(() => writes[19]);
        Assert.IsType<BusyPoolException>(Assert.Single(error.Errors).Value);
        late.SetResult();
        await Task.WhenAll(writes.Where(write => !write.IsFaulted));
    }

    [Fact]
    public async Task A_busy_pool_grows_to_its_maximum_and_no_further()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(1, builder => builder.WithPoolingOptions(
            PoolingOptions.Create().SetMaxConnectionsPerHost(HostDistance.Local, 3).SetMaxSimultaneousRequestsPerConnectionTreshold(HostDistance.Local, 5)));
        PreparedStatement insert = await fake.Session.PrepareAsync(FakeClusterFixture.Insert);
        TaskCompletionSource late = new();
        fake.Server.Faults.Add(request => request.Kind == "EXECUTE", new CqlFault.Late(late.Task));
        List<Task<RowSet>> writes = [];
        await FakeClusterFixture.EventuallyAsync(
            () =>
            {
                writes.AddRange(Enumerable.Range(0, 5).Select(i => fake.Session.ExecuteAsync(insert.Bind($"{i}", ""))));
                return fake.Server.Nodes[0].ConnectionCount == 4; // one of them is the control connection
            },
            "three connections and the control connection");
        writes.AddRange(Enumerable.Range(0, 100).Select(i => fake.Session.ExecuteAsync(insert.Bind($"{i}", ""))));
        late.SetResult();
        await Task.WhenAll(writes);
        Assert.Equal(4, fake.Server.Nodes[0].ConnectionCount);
    }

    [Fact]
    public async Task The_deadline_holds_over_all_attempts()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(
            3, builder => builder.WithQueryTimeout(400).WithSocketOptions(new SocketOptions().SetReadTimeoutMillis(150)), new CqlClusterOptions { ReplicationFactor = 3 });
        fake.Server.Faults.Add(request => request.Kind == "QUERY", new CqlFault.Hang());
        long started = Stopwatch.GetTimestamp();
        await Assert.ThrowsAnyAsync<DriverException>(() => fake.Session.ExecuteAsync(new SimpleStatement("SELECT k, v1 FROM ks.t").SetIdempotence(true)));
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_request_can_be_cancelled_and_its_late_answer_is_dropped()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(1);
        PreparedStatement insert = await fake.Session.PrepareAsync(FakeClusterFixture.Insert);
        TaskCompletionSource late = new();
        fake.Server.Faults.Add(request => request.Key == "a", new CqlFault.Late(late.Task));
        using CancellationTokenSource cancel = new();
        Task<RowSet> write = fake.Session.ExecuteAsync(insert.Bind("a", ""), cancel.Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => write);
        late.SetResult();
        await fake.Session.ExecuteAsync(insert.Bind("b", ""));
    }

    [Fact]
    public async Task Closing_lets_requests_in_flight_finish()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(1);
        PreparedStatement insert = await fake.Session.PrepareAsync(FakeClusterFixture.Insert);
        TaskCompletionSource late = new();
        fake.Server.Faults.Add(request => request.Kind == "EXECUTE", new CqlFault.Late(late.Task));
        Task<RowSet> write = fake.Session.ExecuteAsync(insert.Bind("a", ""));
        Task closing = fake.Session.ShutdownAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => fake.Session.ExecuteAsync(insert.Bind("b", "")));
        late.SetResult();
        await write;
        await closing;
        await FakeClusterFixture.EventuallyAsync(() => fake.Server.Nodes[0].ConnectionCount == 1, "only the control connection is left");
    }

    [Fact]
    public async Task A_keyspace_goes_with_every_request_that_names_no_table_of_another()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(2);
        ISession session = await fake.Cluster.ConnectAsync("ks");
        Assert.Equal("ks", session.Keyspace);
        await session.ExecuteAsync(new SimpleStatement("SELECT k, v1 FROM t"));
        Assert.Equal("ks", fake.Server.Requests.Last(request => request.Kind == "QUERY").Keyspace);
        await session.PrepareAsync("SELECT k, v1 FROM t");
        Assert.Equal("ks", fake.Server.Requests.Last(request => request.Kind == "PREPARE").Keyspace);
    }

    [Fact]
    public async Task A_statement_is_prepared_on_all_nodes_once()
    {
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(3);
        PreparedStatement first = await fake.Session.PrepareAsync(FakeClusterFixture.Insert);
        Assert.Same(first, await fake.Session.PrepareAsync(FakeClusterFixture.Insert));
        Assert.Equal(3, fake.Server.Requests.Where(request => request.Kind == "PREPARE").Select(request => request.Node).Distinct().Count());
        Assert.Equal(3, fake.Server.Requests.Count);
    }

    [Fact]
    public async Task Credentials_are_checked()
    {
        CqlClusterOptions options = new() { Credentials = ("user", "secret") };
        await using (FakeClusterFixture fake = await FakeClusterFixture.StartAsync(2, builder => builder.WithCredentials("user", "secret"), options))
        {
            await fake.Session.ExecuteAsync(new SimpleStatement("SELECT k, v1 FROM ks.t"));
        }
        await Assert.ThrowsAsync<global::Cassandra.AuthenticationException>(
            () => FakeClusterFixture.StartAsync(1, builder => builder.WithAuthProvider(new PlainTextAuthProvider("user", "wrong")), options));
    }

    [Fact]
    public async Task A_certificate_that_nobody_trusts_is_refused_unless_the_caller_decides()
    {
        using X509Certificate2 certificate = SelfSigned();
        CqlClusterOptions options = new() { Certificate = certificate };
        await Assert.ThrowsAsync<NoHostAvailableException>(() => FakeClusterFixture.StartAsync(1, builder => builder.WithSSL(), options));

        SSLOptions pinned = new(SslProtocols.None, false, (_, presented, _, errors) =>
            errors != SslPolicyErrors.None && presented?.GetCertHashString() == certificate.GetCertHashString());
        await using FakeClusterFixture fake = await FakeClusterFixture.StartAsync(2, builder => builder.WithSSL(pinned), options);
        await fake.Session.ExecuteAsync(new SimpleStatement("SELECT k, v1 FROM ks.t"));
    }

    [Fact]
    public async Task Nobody_there_is_told_with_the_reason_for_each_contact_point()
    {
        CqlCluster server = await CqlCluster.StartAsync(1);
        await server.DisposeAsync();
        await using Cluster cluster = FakeClusterFixture.Build(server);
        NoHostAvailableException error = await Assert.ThrowsAsync<NoHostAvailableException>(cluster.ConnectAsync);
        Assert.Equal(server.Nodes[0].Address, Assert.Single(error.Errors).Key);
    }

    private static X509Certificate2 SelfSigned()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=localhost", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using X509Certificate2 bare = request.CreateSelfSigned(now.AddMinutes(-5), now.AddHours(1));
        return X509CertificateLoader.LoadPkcs12(bare.Export(X509ContentType.Pkcs12), null);
    }
}
