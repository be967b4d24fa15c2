using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Cassandra;
using Cassandra.Protocol;

namespace StreamPlatform.TestCassandra;

/// <summary>What the tables hold: the system's, and those of "ks".</summary>
internal static partial class CqlTables
{
    private static readonly CqlType Text = CqlAnswer.Text;
    private static readonly CqlType Int = CqlType.Of(ColumnTypeCode.Int);
    private static readonly CqlType Uuid = CqlType.Of(ColumnTypeCode.Uuid);
    private static readonly CqlType Inet = CqlType.Of(ColumnTypeCode.Inet);

    /// <summary>The metadata id of results, which stays as long as the columns do.</summary>
    public static byte[] MetadataId(CqlCluster cluster) => Encoding.UTF8.GetBytes($"columns-{cluster.Tables.Count(table => table.Key == "wide")}");

    /// <summary>System tables; null for anything else.</summary>
    public static CqlAnswer? System(CqlNode node, CqlRequest request)
    {
        string cql = request.Cql;
        if (request.Kind == "QUERY" && cql.Contains("system.local", StringComparison.Ordinal))
        {
            return CqlAnswer.Rows(
                [("cluster_name", Text), ("partitioner", Text), .. NodeColumns],
                [["stand-in", "org.apache.cassandra.dht.Murmur3Partitioner", .. NodeRow(node)]]);
        }
        if (request.Kind == "QUERY" && cql.Contains("system.peers_v2", StringComparison.Ordinal))
        {
            return CqlAnswer.Rows(
                [("peer", Inet), ("native_address", Inet), ("native_port", Int), .. NodeColumns],
                node.Cluster.Nodes.Where(peer => peer != node).Select(peer => (object?[])[peer.Address.Address, peer.Address.Address, peer.Address.Port, .. NodeRow(peer)]));
        }
        if (request.Kind == "QUERY" && cql.Contains("system_schema.keyspaces", StringComparison.Ordinal))
        {
            Dictionary<string, string> replication = new()
            {
                ["class"] = "org.apache.cassandra.locator.SimpleStrategy",
                ["replication_factor"] = node.Cluster.Options.ReplicationFactor.ToString(CultureInfo.InvariantCulture),
            };
            return CqlAnswer.Rows(
                [("keyspace_name", Text), ("durable_writes", CqlType.Of(ColumnTypeCode.Boolean)), ("replication", CqlType.Map(Text, Text))], [["ks", true, replication]]);
        }
        if (request.Kind == "QUERY" && cql.Contains("system_schema.columns", StringComparison.Ordinal))
        {
            return CqlAnswer.Rows(
                [("keyspace_name", Text), ("table_name", Text), ("column_name", Text), ("kind", Text), ("position", Int), ("type", Text)],
                node.Cluster.Tables.Keys.SelectMany(table => new object?[][]
                {
                    ["ks", table, "k", "partition_key", 0, "text"], ["ks", table, "v1", "regular", -1, "text"],
                }));
        }
        return cql.Contains("system", StringComparison.Ordinal) ? CqlAnswer.Rows([("key", Text)], []) : null;
    }

    /// <summary>Does what a request asks.</summary>
    public static CqlAnswer Answer(CqlNode node, CqlRequest request)
    {
        string verb = request.Cql.TrimStart().Split(' ', 2)[0].ToUpperInvariant();
        if (request.Kind == "PREPARE")
        {
            string[] columns = verb == "SELECT" ? Columns(node.Cluster, request.Cql) : [];
            return CqlAnswer.Prepared(
                node.Prepare(request.Cql, request.Keyspace), MetadataId(node.Cluster), request.Cql.Count(letter => letter == '?'), columns);
        }
        if (request.Kind == "BATCH")
        {
            request.Parts.ToList().ForEach(part => Write(node.Cluster, part));
            return CqlAnswer.Void;
        }
        switch (verb)
        {
            case "USE":
                return CqlAnswer.SetKeyspace(request.Cql[4..].Trim().Trim('"'));
            case "CREATE" or "ALTER" or "DROP":
                string table = TableName().Match(request.Cql).Groups[1].Value;
                _ = verb == "DROP" ? node.Cluster.Tables.TryRemove(table, out _) : node.Cluster.Tables.TryAdd(table, true);
                return CqlAnswer.SchemaChange(verb switch { "CREATE" => "CREATED", "ALTER" => "UPDATED", _ => "DROPPED" }, "TABLE", "ks", table);
            case "INSERT" or "UPDATE" or "DELETE":
                Write(node.Cluster, request);
                return CqlAnswer.Void;
            case "SELECT":
                return request.Cql.Contains("pages", StringComparison.Ordinal) ? Page(node.Cluster, request) : Value(node.Cluster, request);
            default:
                return CqlAnswer.Error(0x2000, $"no viable alternative at '{verb}'");
        }
    }

    private static (string Name, CqlType Type)[] NodeColumns =>
        [("data_center", Text), ("rack", Text), ("host_id", Uuid), ("release_version", Text), ("schema_version", Uuid), ("tokens", CqlType.Set(Text))];

    private static object?[] NodeRow(CqlNode node) =>
        [node.Datacenter, node.Rack, node.HostId, "5.0.6", node.SchemaVersion, new[] { node.Token.ToString(CultureInfo.InvariantCulture) }];

    private static string[] Columns(CqlCluster cluster, string cql) =>
        cql.Contains('*') && cluster.Tables.ContainsKey("wide") ? ["k", "v1", "v2"] : ["k", "v1"];

    private static void Write(CqlCluster cluster, CqlRequest request)
    {
        string value = request.Values.Count > 1 && request.Values[1] is { } bytes ? Encoding.UTF8.GetString(bytes) : "";
        cluster.Data.GetOrAdd(request.Key ?? "", _ => new()).Enqueue(value);
    }

    private static CqlAnswer Value(CqlCluster cluster, CqlRequest request)
    {
        string[] columns = Columns(cluster, request.Cql);
        string key = request.Key ?? "";
        object?[][] rows = cluster.Data.TryGetValue(key, out var writes) ? [[.. new object?[] { key, writes.LastOrDefault(), "more" }.Take(columns.Length)]] : [];
        bool changed = request.ResultMetadataId is { } known && !known.AsSpan().SequenceEqual(MetadataId(cluster));
        return CqlAnswer.Rows(
            [.. columns.Select(column => (column, Text))], rows, newMetadataId: changed ? MetadataId(cluster) : null, noMetadata: request.SkipMetadata && !changed);
    }

    private static CqlAnswer Page(CqlCluster cluster, CqlRequest request)
    {
        int from = request.PagingState is { } state ? BinaryPrimitives.ReadInt32BigEndian(state) : 0;
        int to = Math.Min(cluster.Options.PagedRows, request.PageSize > 0 ? from + request.PageSize : int.MaxValue);
        byte[] next = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(next, to);
        IEnumerable<object?[]> rows = Enumerable.Range(from, to - from).Select(row => (object?[])[$"k{row}", $"v{row}"]);
        return CqlAnswer.Rows([("k", Text), ("v1", Text)], rows, to < cluster.Options.PagedRows ? next : null, noMetadata: request.SkipMetadata);
    }

    [GeneratedRegex(@"TABLE (?:IF (?:NOT )?EXISTS )?(?:ks\.)?(\w+)")]
    private static partial Regex TableName();
}
