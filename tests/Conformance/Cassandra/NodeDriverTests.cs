using System.Text.Json.Nodes;
using Cassandra.Codec;
using Cassandra.Protocol;
using StreamPlatform.Tests.Conformance.Schemas;

namespace StreamPlatform.Tests.Conformance.Cassandra;

/// <summary>npm cassandra-driver reads what this client wrote, of every type, and the reverse.</summary>
[Collection(OnCassandra.Name)]
public sealed class NodeDriverTests
{
    private const string Script = "cassandra/types.mjs";
    private readonly CassandraFixture fixture;

    public NodeDriverTests(CassandraFixture fixture)
    {
        this.fixture = fixture;
        fixture.SkipIfMissing();
        Assert.SkipUnless(
            Directory.Exists(Path.Combine(NodeClient.Root, "tests", "js", "node_modules", "cassandra-driver")),
            "tests/js/node_modules is missing: run 'npm ci' in tests/js");
    }

    [Fact]
    public async Task It_reads_what_we_write_and_we_read_what_it_writes()
    {
        await using WireClient client = await WireClient.OpenAsync(fixture);
        await client.QueryAsync($"CREATE TYPE address ({EveryType.UdtDefinition})");
        await client.QueryAsync(EveryType.Table("every"));
        string[] names = [.. EveryType.Columns.Select(column => column.Name)];
        PreparedResult insert = await client.PrepareAsync($"INSERT INTO every (id, {string.Join(", ", names)}) VALUES (?, {string.Join(", ", names.Select(_ => "?"))})");
        await client.ExecuteAsync(insert, [1, .. EveryType.Columns.Select(column => column.Value)]);

        JsonNode read = await NodeClient.RunJsonAsync(Script, Input(client, names, "read", 1));
        Assert.All(EveryType.Columns, column => Assert.Equal($"{column.Name}={column.Js}", $"{column.Name}={read[column.Name]}"));

        await NodeClient.RunJsonAsync(Script, Input(client, names, "write", 2));
        RowsResult row = Assert.IsType<RowsResult>(await client.QueryAsync($"SELECT {string.Join(", ", names)} FROM every WHERE id = 2"));
        for (int i = 0; i < names.Length; i++)
        {
            CqlType type = row.Metadata.Columns![i].Type;
            Assert.True(row.TryCell(0, i, out ReadOnlySpan<byte> bytes), names[i]);
            string theirs = Convert.ToHexString(ValueWriter.ToBytes(ValueReader.Read(bytes, type), type));
            Assert.Equal($"{names[i]}={Convert.ToHexString(Ordered(EveryType.Columns[i].Value, type))}", $"{names[i]}={theirs}");
        }
    }

    /// <summary>A set comes back from the server in its order.</summary>
    private static byte[] Ordered(object value, CqlType type) => ValueWriter.ToBytes(value is HashSet<int> set ? set.Order().ToArray() : value, type);

    private JsonObject Input(WireClient client, string[] names, string what, int id) => new()
    {
        ["port"] = fixture.EndPoint.Port,
        ["table"] = $"{client.Keyspace}.every",
        ["columns"] = new JsonArray([.. names.Select(name => (JsonNode)name)]),
        [what] = id,
    };
}
