using Cassandra;
using Cassandra.Codec;
using Cassandra.Protocol;
using QueryOptions = Cassandra.Protocol.QueryOptions;

namespace StreamPlatform.Tests.Conformance.Cassandra;

/// <summary>The wire layer against Apache Cassandra 5.0.</summary>
[Collection(OnCassandra.Name)]
public sealed class WireTests
{
    private readonly CassandraFixture fixture;

    public WireTests(CassandraFixture fixture)
    {
        this.fixture = fixture;
        fixture.SkipIfMissing();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_type_comes_back_as_written(bool lz4)
    {
        await using WireClient client = await WireClient.OpenAsync(fixture, lz4 ? Compression.Lz4 : Compression.None);
        await client.QueryAsync($"CREATE TYPE address ({EveryType.UdtDefinition})");
        await client.QueryAsync(EveryType.Table("every"));
        string columns = string.Join(", ", EveryType.Columns.Select(column => column.Name));
        PreparedResult insert = await client.PrepareAsync($"INSERT INTO every (id, {columns}) VALUES (?, {string.Join(", ", EveryType.Columns.Select(_ => "?"))})");
        Assert.Equal([0], insert.PartitionKeyIndexes);
        await client.ExecuteAsync(insert, [1, .. EveryType.Columns.Select(column => column.Value)]);
        await client.ExecuteAsync(insert, [2, .. EveryType.Columns.Select(_ => (object?)null)]);

        RowsResult row = Assert.IsType<RowsResult>(await client.QueryAsync($"SELECT {columns} FROM every WHERE id = 1"));
        RowsResult nulls = Assert.IsType<RowsResult>(await client.QueryAsync($"SELECT {columns} FROM every WHERE id = 2"));
        for (int i = 0; i < EveryType.Columns.Length; i++)
        {
            CqlType type = row.Metadata.Columns![i].Type;
            Assert.True(row.TryCell(0, i, out ReadOnlySpan<byte> bytes));
            Assert.Equal(
                Convert.ToHexString(ValueWriter.ToBytes(Ordered(EveryType.Columns[i].Value), type)),
                Convert.ToHexString(ValueWriter.ToBytes(ValueReader.Read(bytes, type), type)));
            Assert.Null(nulls.Cell(0, i));
        }
    }

    [Theory]
    [InlineData("boolean")]
    [InlineData("int")]
    [InlineData("bigint")]
    [InlineData("smallint")]
    [InlineData("tinyint")]
    [InlineData("date")]
    [InlineData("time")]
    [InlineData("timestamp")]
    [InlineData("uuid")]
    [InlineData("timeuuid")]
    [InlineData("double")]
    [InlineData("inet")]
    [InlineData("varint")]
    [InlineData("decimal")]
    [InlineData("duration")]
    [InlineData("blob")]
    [InlineData("ascii")]
    [InlineData("frozen<list<int>>")]
    [InlineData("vector<float, 2>")]
    [InlineData("vector<text, 2>")]
    public async Task The_server_packs_vectors_of_every_element_as_we_do(string element)
    {
        await using WireClient client = await WireClient.OpenAsync(fixture);
        await client.QueryAsync($"CREATE TABLE v (id int PRIMARY KEY, v vector<{element}, 2>)");
        PreparedResult insert = await client.PrepareAsync("INSERT INTO v (id, v) VALUES (?, ?)");
        CqlType type = insert.Variables[1].Type;
        Assert.Equal(ColumnTypeCode.Vector, type.Code);
        object one = element switch
        {
            "frozen<list<int>>" => new[] { 1, 2 },
            "vector<float, 2>" => new CqlVector<float>(1, 2),
            "vector<text, 2>" => new CqlVector<string>("a", "bc"),
            _ => EveryType.Columns.First(column => column.Cql == element).Value,
        };
        await client.ExecuteAsync(insert, 1, new[] { one, one });
        RowsResult row = Assert.IsType<RowsResult>(await client.QueryAsync("SELECT v FROM v WHERE id = 1"));
        Assert.True(row.TryCell(0, 0, out ReadOnlySpan<byte> bytes));
        Assert.Equal(Convert.ToHexString(ValueWriter.ToBytes(new[] { one, one }, type)), Convert.ToHexString(bytes));
        Assert.NotNull(ValueReader.Read(bytes, type));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_value_of_many_segments_comes_back(bool lz4)
    {
        await using WireClient client = await WireClient.OpenAsync(fixture, lz4 ? Compression.Lz4 : Compression.None);
        await client.QueryAsync("CREATE TABLE large (id int PRIMARY KEY, v blob)");
        PreparedResult insert = await client.PrepareAsync("INSERT INTO large (id, v) VALUES (?, ?)");
        byte[] noise = new byte[1_500_000];
        new Random(5).NextBytes(noise);
        await client.ExecuteAsync(insert, 1, noise);
        await client.ExecuteAsync(insert, 2, new byte[1_500_000]);
        RowsResult rows = Assert.IsType<RowsResult>(await client.QueryAsync("SELECT v FROM large WHERE id IN (1, 2)"));
        Assert.Equal(noise, rows.Cell(0, 0)!.Value.ToArray());
        Assert.Equal(new byte[1_500_000], rows.Cell(1, 0)!.Value.ToArray());
    }

    [Fact]
    public async Task Pages_follow_one_another_without_metadata()
    {
        await using WireClient client = await WireClient.OpenAsync(fixture);
        await client.QueryAsync("CREATE TABLE pages (p int, c int, PRIMARY KEY (p, c))");
        PreparedResult insert = await client.PrepareAsync("INSERT INTO pages (p, c) VALUES (?, ?)");
        await Task.WhenAll(Enumerable.Range(0, 250).Select(c => client.ExecuteAsync(insert, 1, c)));
        PreparedResult select = await client.PrepareAsync("SELECT c FROM pages WHERE p = 1");
        List<int> seen = [];
        byte[]? state = null;
        do
        {
            QueryOptions options = WireClient.With() with { PageSize = 100, PagingState = state, SkipMetadata = true };
            RowsResult page = Assert.IsType<RowsResult>(await client.SendAsync(new ExecuteRequest(select.Id, select.ResultMetadataId, options)));
            Assert.Null(page.Metadata.Columns);
            for (int i = 0; i < page.RowCount; i++)
            {
                Assert.True(page.TryCell(i, 0, out ReadOnlySpan<byte> cell));
                seen.Add(ValueReader.Read<int>(cell, select.ResultMetadata.Columns![0].Type));
            }
            state = page.PagingState;
        }
        while (state is not null);
        Assert.Equal(Enumerable.Range(0, 250), seen);
    }

    [Fact]
    public async Task A_changed_table_sends_its_new_metadata()
    {
        await using WireClient client = await WireClient.OpenAsync(fixture);
        await client.QueryAsync("CREATE TABLE changing (id int PRIMARY KEY)");
        await client.QueryAsync("INSERT INTO changing (id) VALUES (1)");
        PreparedResult select = await client.PrepareAsync("SELECT * FROM changing");
        await client.QueryAsync("ALTER TABLE changing ADD more text");
        await client.PrepareAsync("SELECT * FROM changing"); // the change made the server forget it; the id stays, the metadata's id does not
        RowsResult rows = Assert.IsType<RowsResult>(
            await client.SendAsync(new ExecuteRequest(select.Id, select.ResultMetadataId, WireClient.With() with { SkipMetadata = true })));
        Assert.Equal(2, rows.Metadata.Columns!.Count);
        Assert.NotNull(rows.NewMetadataId);
    }

    [Fact]
    public async Task Batches_write_all_statements_with_their_timestamp()
    {
        await using WireClient client = await WireClient.OpenAsync(fixture);
        await client.QueryAsync("CREATE TABLE batched (id int PRIMARY KEY, v text)");
        PreparedResult insert = await client.PrepareAsync("INSERT INTO batched (id, v) VALUES (?, ?)");
        BatchEntry[] entries =
        [
            new(null, insert.Id, [new byte[] { 0, 0, 0, 1 }, "one"u8.ToArray()]),
            new("INSERT INTO batched (id, v) VALUES (2, 'two')", null, []),
            new(null, insert.Id, [new byte[] { 0, 0, 0, 3 }, EncodedValues.Unset]),
        ];
        Assert.IsType<VoidResult>(await client.SendAsync(new BatchRequest(BatchKind.Unlogged, entries, ConsistencyLevel.One, TimestampMicros: 1_000_000)));
        RowsResult rows = Assert.IsType<RowsResult>(await client.QueryAsync("SELECT id, v, writetime(v) FROM batched WHERE id IN (1, 2, 3)"));
        Assert.Equal(3, rows.RowCount);
        Assert.Equal("one"u8.ToArray(), rows.Cell(0, 1)!.Value.ToArray());
        Assert.Null(rows.Cell(2, 1));
        Assert.True(rows.TryCell(0, 2, out ReadOnlySpan<byte> written));
        Assert.Equal(1_000_000, ValueReader.Read<long>(written, rows.Metadata.Columns![2].Type));
    }

    [Fact]
    public async Task Errors_are_named_by_their_kind()
    {
        await using WireClient client = await WireClient.OpenAsync(fixture);
        await Assert.ThrowsAsync<SyntaxError>(() => client.QueryAsync("SELEC"));
        await Assert.ThrowsAsync<InvalidQueryException>(() => client.QueryAsync("SELECT * FROM nothing"));
        await client.QueryAsync("CREATE TABLE there (id int PRIMARY KEY)");
        AlreadyExistsException exists = await Assert.ThrowsAsync<AlreadyExistsException>(() => client.QueryAsync("CREATE TABLE there (id int PRIMARY KEY)"));
        Assert.Equal((client.Keyspace, "there"), (exists.Keyspace, exists.Table));
        UnavailableException unavailable = await Assert.ThrowsAsync<UnavailableException>(() => client.QueryAsync("INSERT INTO there (id) VALUES (1)", WireClient.With() with { Consistency = ConsistencyLevel.Three }));
        Assert.Equal((3, 1), (unavailable.RequiredReplicas, unavailable.AliveReplicas));
        ErrorResponse unprepared = Assert.IsType<ErrorResponse>(await client.SendAsync(new ExecuteRequest(new byte[16], new byte[16], WireClient.With())));
        Assert.Equal(new byte[16], Assert.IsType<UnpreparedDetails>(unprepared.Details).Id);
    }

    [Fact]
    public async Task Events_tell_of_schema_changes_and_traces_have_ids()
    {
        await using WireClient client = await WireClient.OpenAsync(fixture);
        TaskCompletionSource<SchemaChange> changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        client.Connection.Event += change =>
        {
            if (change is SchemaChangeEvent { Change: { Name: "told" } schema })
            {
                changed.TrySetResult(schema);
            }
        };
        Assert.IsType<ReadyResponse>(await client.SendAsync(new RegisterRequest(["TOPOLOGY_CHANGE", "STATUS_CHANGE", "SCHEMA_CHANGE"])));
        SchemaChangeResult made = Assert.IsType<SchemaChangeResult>(await client.QueryAsync("CREATE TABLE told (id int PRIMARY KEY)"));
        Assert.Equal(new SchemaChange("CREATED", "TABLE", client.Keyspace, "told", null), made.Change);
        Assert.Equal(made.Change, await changed.Task.WaitAsync(WireClient.Patience, TestContext.Current.CancellationToken));
        Assert.NotNull((await client.QueryAsync("SELECT * FROM told", WireClient.With() with { Tracing = true })).TracingId);
        Assert.NotNull((await client.QueryAsync("SELECT count(*) FROM told")).Warnings); // an aggregation without a partition key
    }

    [Fact]
    public async Task Named_values_and_a_keyspace_of_the_request_are_understood()
    {
        await using WireClient client = await WireClient.OpenAsync(fixture);
        await client.QueryAsync("CREATE TABLE named (id int PRIMARY KEY)");
        await client.QueryAsync("INSERT INTO named (id) VALUES (:id)", WireClient.With([new byte[] { 0, 0, 0, 9 }]) with { ValueNames = ["id"], SerialConsistency = ConsistencyLevel.LocalSerial });
        await using WireClient outside = new(await new ConnectionFactory().OpenAsync(fixture.EndPoint, WireClient.Options(), TestContext.Current.CancellationToken));
        RowsResult rows = Assert.IsType<RowsResult>(await outside.QueryAsync("SELECT id FROM named", WireClient.With() with { Keyspace = client.Keyspace }));
        Assert.Equal(1, rows.RowCount);
        Assert.IsType<PreparedResult>(await outside.SendAsync(new PrepareRequest("SELECT id FROM named", client.Keyspace)));
    }

    /// <summary>A set comes back in the server's order.</summary>
    private static object Ordered(object value) => value is HashSet<int> set ? set.Order().ToArray() : value;
}
