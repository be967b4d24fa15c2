using System.Diagnostics;
using System.Security.Cryptography;
using Cassandra;

namespace StreamPlatform.Tests.Conformance.Cassandra;

/// <summary>The cluster layer against Apache Cassandra 5.0.</summary>
[Collection(OnCassandra.Name)]
public sealed class ClusterTests : IAsyncLifetime
{
    private readonly CassandraFixture fixture;
    private readonly string keyspace = "cluster_" + Guid.NewGuid().ToString("N");
    private Cluster cluster = null!;
    private ISession session = null!;

    public ClusterTests(CassandraFixture fixture)
    {
        this.fixture = fixture;
        fixture.SkipIfMissing();
    }

    public async ValueTask InitializeAsync()
    {
        cluster = Open();
        await using (ISession first = await cluster.ConnectAsync())
        {
            await first.ExecuteAsync(new SimpleStatement(
                $"CREATE KEYSPACE {keyspace} WITH replication = {{'class': 'NetworkTopologyStrategy', 'datacenter1': 1}}"));
        }
        session = await cluster.ConnectAsync(keyspace);
    }

    public async ValueTask DisposeAsync()
    {
        await session.ExecuteAsync(new SimpleStatement($"DROP KEYSPACE {keyspace}").SetReadTimeoutMillis(30_000));
        await cluster.DisposeAsync();
    }

    [Fact]
    public async Task Tokens_are_those_that_the_server_computes()
    {
        await session.ExecuteAsync(new SimpleStatement("CREATE TABLE tokens (k blob PRIMARY KEY)"));
        await session.ExecuteAsync(new SimpleStatement("CREATE TABLE pairs (a text, b int, PRIMARY KEY ((a, b)))"));
        PreparedStatement insert = await session.PrepareAsync("INSERT INTO tokens (k) VALUES (?)");
        PreparedStatement pair = await session.PrepareAsync("INSERT INTO pairs (a, b) VALUES (?, ?)");
        for (int length = 1; length < 70; length++)
        {
            await session.ExecuteAsync(insert.Bind(RandomNumberGenerator.GetBytes(length)));
            await session.ExecuteAsync(pair.Bind($"key {length}", length));
        }
        RowSet rows = await session.ExecuteAsync(new SimpleStatement("SELECT k, token(k) FROM tokens"));
        Assert.All(rows.ToList(), row => Assert.Equal(row.GetValue<long>(1), Murmur3Partitioner.Token(row.GetValue<byte[]>(0))));
        RowSet pairs = await session.ExecuteAsync(new SimpleStatement("SELECT a, b, token(a, b) FROM pairs"));
        Assert.All(pairs.ToList(), row =>
        {
            Assert.True(pair.Bind(row[0], row[1]).TryGetToken(out long token));
            Assert.Equal(row.GetValue<long>(2), token);
        });
        Host node = Assert.Single(cluster.AllHosts());
        Assert.Equal(4, node.Tokens.Count());
        Assert.Equal([node], cluster.GetReplicas(keyspace, [1, 2, 3]));
    }

    [Fact]
    public async Task Ten_thousand_rows_come_page_by_page()
    {
        await session.ExecuteAsync(new SimpleStatement("CREATE TABLE many (k text, i int, v text, PRIMARY KEY (k, i))"));
        PreparedStatement insert = (await session.PrepareAsync("INSERT INTO many (k, i, v) VALUES (?, ?, ?)")).SetIdempotence(true);
        foreach (int[] chunk in Enumerable.Range(0, 10_000).Chunk(500))
        {
            await Task.WhenAll(chunk.Select(i => session.ExecuteAsync(insert.Bind("all", i, $"value {i}"))));
        }
        PreparedStatement select = await session.PrepareAsync("SELECT i, v FROM many WHERE k = ?");
        RowSet rows = await session.ExecuteAsync(select.Bind("all").SetPageSize(777));
        int next = 0;
        await foreach (Row row in rows)
        {
            Assert.Equal(next, row.GetValue<int>("i"));
            Assert.Equal($"value {next++}", row.GetValue<string>("v"));
        }
        Assert.Equal(10_000, next);
        Assert.Equal(10_000, (await session.ExecuteAsync(select.Bind("all"))).Count());
    }

    [Fact]
    public async Task Batches_are_logged_unlogged_and_of_counters()
    {
        await session.ExecuteAsync(new SimpleStatement("CREATE TABLE pairs2 (k text PRIMARY KEY, v int)"));
        await session.ExecuteAsync(new SimpleStatement("CREATE TABLE counts (k text PRIMARY KEY, n counter)"));
        PreparedStatement insert = await session.PrepareAsync("INSERT INTO pairs2 (k, v) VALUES (?, ?)");
        PreparedStatement count = await session.PrepareAsync("UPDATE counts SET n = n + ? WHERE k = ?");
        await session.ExecuteAsync(new BatchStatement().Add(insert.Bind("a", 1)).Add(new SimpleStatement("INSERT INTO pairs2 (k, v) VALUES (?, ?)", "b", 2)));
        await session.ExecuteAsync(new BatchStatement().SetBatchType(BatchType.Unlogged).Add(insert.Bind("c", 3)));
        await session.ExecuteAsync(new BatchStatement().SetBatchType(BatchType.Counter).Add(count.Bind(2L, "n")).Add(count.Bind(5L, "n")));
        Assert.Equal(6, (await session.ExecuteAsync(new SimpleStatement("SELECT v FROM pairs2"))).Sum(row => row.GetValue<int>(0)));
        Assert.Equal(7L, (await session.ExecuteAsync(new SimpleStatement("SELECT n FROM counts"))).Single().GetValue<long>("n"));
    }

    [Fact]
    public async Task A_conditional_write_says_whether_it_was_applied()
    {
        await session.ExecuteAsync(new SimpleStatement("CREATE TABLE once (k text PRIMARY KEY, v int)"));
        PreparedStatement insert = await session.PrepareAsync("INSERT INTO once (k, v) VALUES (?, ?) IF NOT EXISTS");
        Row first = (await session.ExecuteAsync(insert.Bind("a", 1).SetSerialConsistencyLevel(ConsistencyLevel.LocalSerial))).Single();
        Row second = (await session.ExecuteAsync(insert.Bind("a", 2))).Single();
        Assert.True(first.GetValue<bool>("[applied]"));
        Assert.False(second.GetValue<bool>("[applied]"));
        Assert.Equal(1, second.GetValue<int>("v"));
    }

    [Fact]
    public async Task A_trace_tells_what_the_coordinator_did()
    {
        RowSet rows = await session.ExecuteAsync(new SimpleStatement("SELECT release_version FROM system.local").EnableTracing());
        QueryTrace trace = await rows.Info.QueryTrace!.LoadAsync(TestContext.Current.CancellationToken);
        Assert.True(trace.DurationMicros > 0);
        Assert.NotEmpty(trace.Events);
        Assert.Contains("release_version", trace.Parameters["query"], StringComparison.Ordinal);
        Assert.Null((await session.ExecuteAsync(new SimpleStatement("SELECT release_version FROM system.local"))).Info.QueryTrace);
    }

    [Fact]
    public async Task Schema_changes_of_others_are_heard_of_and_prepared_statements_live_on()
    {
        await using Cluster other = Open();
        await using ISession changer = await other.ConnectAsync(keyspace);
        RowSet created = await changer.ExecuteAsync(new SimpleStatement("CREATE TABLE grows (k text PRIMARY KEY, a int)"));
        Assert.True(created.Info.IsSchemaInAgreement);
        Assert.NotNull(other.Metadata.GetTable(keyspace, "grows"));
        await EventuallyAsync(() => cluster.Metadata.GetTable(keyspace, "grows") is not null);

        await session.ExecuteAsync(new SimpleStatement("INSERT INTO grows (k, a) VALUES ('x', 1)"));
        PreparedStatement all = await session.PrepareAsync("SELECT * FROM grows");
        Assert.Equal(2, (await session.ExecuteAsync(all.Bind())).Columns.Length);
        await changer.ExecuteAsync(new SimpleStatement("ALTER TABLE grows ADD b text"));
        await changer.ExecuteAsync(new SimpleStatement("UPDATE grows SET b = 'new' WHERE k = 'x'"));
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal("new", (await session.ExecuteAsync(all.Bind())).Single().GetValue<string>("b"));
        }
        await changer.ExecuteAsync(new SimpleStatement("DROP TABLE grows"));
        await EventuallyAsync(() => cluster.Metadata.GetTable(keyspace, "grows") is null);
    }

    [Fact]
    public async Task Unset_leaves_a_column_and_null_deletes_it()
    {
        await session.ExecuteAsync(new SimpleStatement("CREATE TABLE gaps (k text PRIMARY KEY, a int, b int)"));
        PreparedStatement insert = await session.PrepareAsync("INSERT INTO gaps (k, a, b) VALUES (?, ?, ?)");
        await session.ExecuteAsync(insert.Bind("x", 1, 2));
        await session.ExecuteAsync(insert.Bind("x", Unset.Value, null));
        Row row = (await session.ExecuteAsync(new SimpleStatement(new Dictionary<string, object?> { ["key"] = "x" }, "SELECT a, b FROM gaps WHERE k = :key"))).Single();
        Assert.Equal(1, row.GetValue<int>("a"));
        Assert.True(row.IsNull("b"));
        Assert.Null(row.GetValue<int?>("b"));
    }

    [Fact]
    public async Task Errors_are_told_apart()
    {
        await Assert.ThrowsAsync<SyntaxError>(() => session.ExecuteAsync(new SimpleStatement("SELEKT 1")));
        await Assert.ThrowsAsync<InvalidQueryException>(() => session.ExecuteAsync(new SimpleStatement("SELECT x FROM nowhere")));
        await Assert.ThrowsAsync<AlreadyExistsException>(() => session.ExecuteAsync(
            new SimpleStatement($"CREATE KEYSPACE {keyspace} WITH replication = {{'class': 'SimpleStrategy', 'replication_factor': 1}}")));
        await session.ExecuteAsync(new SimpleStatement("CREATE TABLE two (k text PRIMARY KEY)"));
        NoHostAvailableException alone = await Assert.ThrowsAsync<NoHostAvailableException>(() => session.ExecuteAsync(
            new SimpleStatement("SELECT k FROM two WHERE k = 'a'").SetConsistencyLevel(ConsistencyLevel.Two)));
        Assert.IsType<UnavailableException>(Assert.Single(alone.Errors).Value); // asked of the next host, of which there is none
    }

    private Cluster Open() => global::Cassandra.Cluster.Builder().AddContactPoint(fixture.EndPoint).WithCompression(CompressionType.LZ4).Build();

    private static async Task EventuallyAsync(Func<bool> condition)
    {
        long started = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(10), "not within ten seconds");
            await Task.Delay(20);
        }
    }
}
