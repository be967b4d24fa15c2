using System.Globalization;
using System.Net;
using Cassandra.Protocol;
using WireOptions = Cassandra.Protocol.QueryOptions;

namespace Cassandra;

/// <summary>A node as the system tables describe it.</summary>
internal sealed record NodeDescription(
    IPEndPoint Address, string? Datacenter, string? Rack, Guid HostId, Version? Version, long[] Tokens, Guid? SchemaVersion);

/// <summary>Reads the system tables over one connection, whatever a session may be doing. What they say is bounded: a cluster of more is cut off.</summary>
internal sealed class SystemTables(IConnection connection, IPEndPoint address, int defaultPort, TimeSpan timeout)
{
    public const int MaxNodes = 4096;
    private const int PageSize = 5000;
    private const int MaxPages = 200; // a million columns

    /// <summary>The node at the other end, with the cluster's name and partitioner.</summary>
    public async Task<(NodeDescription Node, string? ClusterName, string? Partitioner)> LocalAsync(CancellationToken ct)
    {
        List<Row> rows = await QueryAsync("SELECT * FROM system.local WHERE key='local'", [], ct).ConfigureAwait(false);
        Row row = rows.FirstOrDefault() ?? throw new ServerErrorException($"host {address} has an empty system.local");
        return (Describe(row, address), Text(row, "cluster_name"), Text(row, "partitioner"));
    }

    /// <summary>The other nodes that can be connected to.</summary>
    public async Task<List<NodeDescription>> PeersAsync(CancellationToken ct)
    {
        List<Row> rows = await QueryAsync("SELECT * FROM system.peers_v2", [], ct).ConfigureAwait(false);
        List<NodeDescription> peers = [];
        foreach (Row row in rows.Take(MaxNodes))
        {
            // a row without these is a node on its way in or out
            if (AddressOf(row) is { } peer && row.GetColumn("host_id") is not null && !row.IsNull("host_id") && !row.IsNull("data_center") && !row.IsNull("tokens"))
            {
                peers.Add(Describe(row, peer));
            }
        }
        return peers;
    }

    /// <summary>The versions of the schema that this node knows of, its own among them.</summary>
    public async Task<HashSet<Guid>> SchemaVersionsAsync(Func<IPEndPoint, bool> counts, CancellationToken ct)
    {
        NodeDescription local = (await LocalAsync(ct).ConfigureAwait(false)).Node;
        List<NodeDescription> peers = await PeersAsync(ct).ConfigureAwait(false);
        return [.. peers.Where(peer => counts(peer.Address)).Append(local).Select(node => node.SchemaVersion).OfType<Guid>()];
    }

    /// <summary>All keyspaces, or one; a keyspace that is not there is left out.</summary>
    public async Task<Dictionary<string, KeyspaceMetadata>> KeyspacesAsync(string? only, CancellationToken ct)
    {
        string where = only is null ? "" : " WHERE keyspace_name = ?";
        object?[] values = only is null ? [] : [only];
        List<Row> keyspaces = await QueryAsync($"SELECT keyspace_name, durable_writes, replication FROM system_schema.keyspaces{where}", values, ct).ConfigureAwait(false);
        List<Row> columns = await QueryAsync(
            $"SELECT keyspace_name, table_name, column_name, kind, position, type FROM system_schema.columns{where}", values, ct).ConfigureAwait(false);
        ILookup<string, Row> byKeyspace = columns.ToLookup(row => row.GetValue<string>("keyspace_name"));
        return keyspaces.Select(row => Keyspace(row, byKeyspace)).ToDictionary(keyspace => keyspace.Name);
    }

    private static KeyspaceMetadata Keyspace(Row row, ILookup<string, Row> columns)
    {
        string name = row.GetValue<string>("keyspace_name");
        Dictionary<string, TableMetadata> tables = columns[name]
            .GroupBy(column => column.GetValue<string>("table_name"))
            .ToDictionary(table => table.Key, table => new TableMetadata(table.Key, [.. table.Select(Column)]));
        var replication = row.GetValue<IDictionary<string, string>>("replication");
        return new KeyspaceMetadata(name, row.GetValue<bool>("durable_writes"), new Dictionary<string, string>(replication), tables);
    }

    private static TableColumn Column(Row row) => new(
        row.GetValue<string>("column_name"), row.GetValue<string>("kind"), row.GetValue<int>("position"), row.GetValue<string>("type"));

    private static NodeDescription Describe(Row row, IPEndPoint address) => new(
        address, Text(row, "data_center"), Text(row, "rack"), Id(row, "host_id") ?? Guid.Empty, ParseVersion(Text(row, "release_version")),
        ParseTokens(row), Id(row, "schema_version"));

    private static long[] ParseTokens(Row row)
    {
        if (row.GetColumn("tokens") is null || row.IsNull("tokens"))
        {
            return [];
        }
        List<long> tokens = [];
        foreach (string text in row.GetValue<IEnumerable<string>>("tokens").Take(TokenRing.MaxTokens))
        {
            if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long token))
            {
                tokens.Add(token); // other partitioners' tokens are no longs; the ring is not used then
            }
        }
        tokens.Sort();
        return [.. tokens];
    }

    private static Version? ParseVersion(string? text) => Version.TryParse(text?.Split('-', '~')[0], out Version? version) ? version : null;

    private static string? Text(Row row, string column) => row.GetColumn(column) is null ? null : row.GetValue<string?>(column);

    private static Guid? Id(Row row, string column) => row.GetColumn(column) is null || row.IsNull(column) ? null : row.GetValue<Guid>(column);

    private static IPAddress? Ip(Row row, string column) => row.GetColumn(column) is null ? null : row.GetValue<IPAddress?>(column);

    // native_address is where clients connect; a node bound to all addresses may say so, then its own address is meant
    private IPEndPoint? AddressOf(Row row)
    {
        IPAddress? native = Ip(row, "native_address");
        IPAddress? ip = native is null || native.Equals(IPAddress.Any) || native.Equals(IPAddress.IPv6Any) ? Ip(row, "peer") : native;
        int port = row.GetColumn("native_port") is null || row.IsNull("native_port") ? defaultPort : row.GetValue<int>("native_port");
        return ip is null || port is < 1 or > 65_535 ? null : new IPEndPoint(ip, port);
    }

    private async Task<List<Row>> QueryAsync(string cql, object?[] values, CancellationToken ct)
    {
        List<Row> rows = [];
        byte[]? state = null;
        for (int page = 0; page < MaxPages; page++)
        {
            WireOptions options = new(ConsistencyLevel.One, ValueEncoding.Guess(values), PageSize, state);
            Response response = await connection.SendAsync(new QueryRequest(cql, options), timeout, ct).ConfigureAwait(false);
            if (response is not RowsResult result)
            {
                throw response is ErrorResponse error ? error.ToException(address) : new ProtocolErrorException($"{response.GetType().Name} in answer to a SELECT");
            }
            ResultShape shape = new([], result.Metadata.Columns ?? []);
            rows.AddRange(Enumerable.Range(0, result.RowCount).Select(index => new Row(result, index, shape)));
            state = result.PagingState;
            if (state is null)
            {
                break;
            }
        }
        return rows;
    }
}
