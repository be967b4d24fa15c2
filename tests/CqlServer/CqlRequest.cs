using Cassandra;
using Cassandra.Protocol;

namespace StreamPlatform.TestCassandra;

/// <summary>A request as a node read it.</summary>
/// <param name="Node">Who was asked.</param>
/// <param name="Kind">QUERY, PREPARE, EXECUTE or BATCH.</param>
/// <param name="Cql">The text; of an EXECUTE the prepared one, of a BATCH all of it with line ends in between.</param>
/// <param name="Values">Bound values; null for CQL null and unset.</param>
/// <param name="Consistency">The level.</param>
/// <param name="PageSize">0 for no paging.</param>
/// <param name="PagingState">Where to go on.</param>
/// <param name="Keyspace">The keyspace of tables without one.</param>
public sealed record CqlRequest(
    CqlNode Node, string Kind, string Cql, IReadOnlyList<byte[]?> Values, ConsistencyLevel Consistency, int PageSize, byte[]? PagingState, string? Keyspace)
{
    /// <summary>The first value as text.</summary>
    public string? Key => Values.Count > 0 && Values[0] is { } key ? System.Text.Encoding.UTF8.GetString(key) : null;

    /// <summary>Names of the values; empty where they go by position.</summary>
    public IReadOnlyList<string> ValueNames { get; init; } = [];

    internal byte[]? PreparedId { get; init; }

    internal byte[]? ResultMetadataId { get; init; }

    internal bool SkipMetadata { get; init; }

    internal IReadOnlyList<CqlRequest> Parts { get; init; } = [];
}

/// <summary>Reads requests of protocol v5 (section 4.1), from the specification rather than from the client's writer.</summary>
internal static class CqlRequestReader
{
    /// <summary>Null for an id that the node does not know.</summary>
    public static CqlRequest? Read(CqlNode node, Opcode opcode, bool payload, ReadOnlySpan<byte> body, out byte[] unknownId)
    {
        unknownId = [];
        CqlReader reader = new(body);
        if (payload)
        {
            reader.ReadBytesMap();
        }
        switch (opcode)
        {
            case Opcode.Query:
                return Parameters(ref reader, new CqlRequest(node, "QUERY", reader.ReadLongString(), [], default, 0, null, null));
            case Opcode.Prepare:
                string text = reader.ReadLongString();
                string? keyspace = (reader.ReadInt() & 1) != 0 ? reader.ReadString() : null;
                return new CqlRequest(node, "PREPARE", text, [], default, 0, null, keyspace);
            case Opcode.Execute:
                byte[] id = reader.ReadShortBytes();
                byte[] metadataId = reader.ReadShortBytes();
                unknownId = id;
                return node.Find(id) is { } cql
                    ? Parameters(ref reader, new CqlRequest(node, "EXECUTE", cql, [], default, 0, null, null) { PreparedId = id, ResultMetadataId = metadataId })
                    : null;
            case Opcode.Batch:
                return Batch(node, ref reader, out unknownId);
            default:
                throw new InvalidDataException($"opcode {opcode}");
        }
    }

    private static CqlRequest Parameters(ref CqlReader reader, CqlRequest request)
    {
        ConsistencyLevel consistency = (ConsistencyLevel)reader.ReadShort();
        int flags = reader.ReadInt();
        List<byte[]?> values = [];
        List<string> names = [];
        if ((flags & 0x01) != 0)
        {
            values = Values(ref reader, (flags & 0x40) != 0 ? names : null);
        }
        int pageSize = (flags & 0x04) != 0 ? reader.ReadInt() : 0;
        byte[]? pagingState = (flags & 0x08) != 0 ? reader.ReadBytes() : null;
        if ((flags & 0x10) != 0)
        {
            reader.ReadShort();
        }
        if ((flags & 0x20) != 0)
        {
            reader.ReadLong();
        }
        string? keyspace = (flags & 0x80) != 0 ? reader.ReadString() : null;
        return request with
        {
            Values = values, ValueNames = names, Consistency = consistency, PageSize = pageSize, PagingState = pagingState, Keyspace = keyspace, SkipMetadata = (flags & 0x02) != 0,
        };
    }

    private static List<byte[]?> Values(ref CqlReader reader, List<string>? names)
    {
        List<byte[]?> values = [];
        for (int left = reader.ReadShort(); left > 0; left--)
        {
            names?.Add(reader.ReadString());
            values.Add(reader.ReadBytes());
        }
        return values;
    }

    private static CqlRequest? Batch(CqlNode node, ref CqlReader reader, out byte[] unknownId)
    {
        unknownId = [];
        reader.ReadByte();
        List<CqlRequest> parts = [];
        bool known = true;
        for (int left = reader.ReadShort(); left > 0; left--)
        {
            bool prepared = reader.ReadByte() == 1;
            byte[] id = prepared ? reader.ReadShortBytes() : [];
            string? cql = prepared ? node.Find(id) : reader.ReadLongString();
            if (cql is null)
            {
                unknownId = id;
                known = false;
            }
            parts.Add(new CqlRequest(node, "BATCH", cql ?? "", Values(ref reader, null), default, 0, null, null));
        }
        ConsistencyLevel consistency = (ConsistencyLevel)reader.ReadShort();
        return known
            ? new CqlRequest(node, "BATCH", string.Join('\n', parts.Select(part => part.Cql)), parts.FirstOrDefault()?.Values ?? [], consistency, 0, null, null) { Parts = parts }
            : null;
    }
}
