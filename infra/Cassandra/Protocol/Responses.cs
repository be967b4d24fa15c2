using System.Net;

namespace Cassandra.Protocol;

/// <summary>A response of the native protocol v5 (section 4.2).</summary>
internal abstract record Response
{
    /// <summary>Id of the trace, when the request asked for one.</summary>
    public Guid? TracingId { get; init; }

    /// <summary>Warnings of the server, or null.</summary>
    public IReadOnlyList<string>? Warnings { get; init; }

    /// <summary>Payload of a custom query handler, or null.</summary>
    public IReadOnlyDictionary<string, byte[]>? CustomPayload { get; init; }
}

/// <summary>RESULT of kind Void.</summary>
internal sealed record VoidResult : Response
{
    /// <summary>The usual one, without trace and warnings.</summary>
    public static readonly VoidResult Instance = new();
}

/// <summary>A column of a result, or a bind marker of a prepared statement.</summary>
internal sealed record ColumnSpec(string Keyspace, string Table, string Name, CqlType Type);

/// <summary>Metadata of rows: <paramref name="Columns"/> is null when the server left it out (Skip_metadata), <paramref name="ColumnCount"/> always stands.</summary>
internal sealed record RowsMetadata(int ColumnCount, IReadOnlyList<ColumnSpec>? Columns);

/// <summary>
/// RESULT of kind Rows: all cells in one buffer; <see cref="Cell"/> finds one. Lengths were checked when the frame was read, so that no access runs out of the buffer.
/// </summary>
internal sealed record RowsResult(RowsMetadata Metadata, int RowCount, byte[]? PagingState, byte[]? NewMetadataId) : Response
{
    /// <summary>The rows' bytes: for each cell an int length (-1 is null), then the value.</summary>
    public required byte[] Buffer { get; init; }

    /// <summary>Where in <see cref="Buffer"/> each cell's length stands, row by row.</summary>
    public required int[] Offsets { get; init; }

    /// <summary>The value of a cell without its length; null for CQL null.</summary>
    public ReadOnlyMemory<byte>? Cell(int row, int column)
    {
        int at = At(row, column);
        int length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(Buffer.AsSpan(at));
        // Not a bare null: it would become an empty memory by way of the conversion from arrays.
        return length < 0 ? default(ReadOnlyMemory<byte>?) : Buffer.AsMemory(at + 4, length);
    }

    /// <summary>As <see cref="Cell"/>, without a nullable; false for CQL null.</summary>
    public bool TryCell(int row, int column, out ReadOnlySpan<byte> value)
    {
        int at = At(row, column);
        int length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(Buffer.AsSpan(at));
        value = length < 0 ? default : Buffer.AsSpan(at + 4, length);
        return length >= 0;
    }

    private int At(int row, int column)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)column, (uint)Metadata.ColumnCount, nameof(column));
        return Offsets[(row * Metadata.ColumnCount) + column];
    }
}

/// <summary>RESULT of kind Set_keyspace.</summary>
internal sealed record SetKeyspaceResult(string Keyspace) : Response;

/// <summary>RESULT of kind Prepared.</summary>
/// <param name="Id">The statement's id on that node.</param>
/// <param name="ResultMetadataId">Changes when the result's columns do; goes into EXECUTE.</param>
/// <param name="Variables">The bind markers.</param>
/// <param name="PartitionKeyIndexes">Which markers form the partition key, in its order; empty if they do not.</param>
/// <param name="ResultMetadata">Columns of the result; none for anything but a SELECT.</param>
internal sealed record PreparedResult(
    byte[] Id,
    byte[] ResultMetadataId,
    IReadOnlyList<ColumnSpec> Variables,
    IReadOnlyList<int> PartitionKeyIndexes,
    RowsMetadata ResultMetadata) : Response;

/// <summary>What changed in the schema: <paramref name="Change"/> CREATED, UPDATED or DROPPED; <paramref name="Target"/> KEYSPACE, TABLE, TYPE, FUNCTION or AGGREGATE.</summary>
internal sealed record SchemaChange(string Change, string Target, string Keyspace, string? Name, IReadOnlyList<string>? ArgumentTypes);

/// <summary>RESULT of kind Schema_change.</summary>
internal sealed record SchemaChangeResult(SchemaChange Change) : Response;

/// <summary>ERROR: see <see cref="ErrorCode"/>; <paramref name="Details"/> is null where the code carries none.</summary>
internal sealed record ErrorResponse(ErrorCode Code, string Message, ErrorDetails? Details) : Response;

/// <summary>SUPPORTED.</summary>
internal sealed record SupportedResponse(IReadOnlyDictionary<string, IReadOnlyList<string>> Options) : Response;

/// <summary>READY.</summary>
internal sealed record ReadyResponse : Response
{
    public static readonly ReadyResponse Instance = new();
}

/// <summary>AUTHENTICATE: the Java class name of the server's authenticator.</summary>
internal sealed record AuthenticateResponse(string Authenticator) : Response;

/// <summary>AUTH_CHALLENGE.</summary>
internal sealed record AuthChallenge(byte[]? Token) : Response;

/// <summary>AUTH_SUCCESS.</summary>
internal sealed record AuthSuccess(byte[]? Token) : Response;

/// <summary>EVENT: pushed by the server on stream -1.</summary>
internal abstract record EventResponse : Response;

/// <summary>NEW_NODE, REMOVED_NODE (or MOVED_NODE of older servers).</summary>
internal sealed record TopologyChangeEvent(string Change, IPEndPoint Address) : EventResponse;

/// <summary>UP or DOWN.</summary>
internal sealed record StatusChangeEvent(string Change, IPEndPoint Address) : EventResponse;

/// <summary>A schema change made by anyone.</summary>
internal sealed record SchemaChangeEvent(SchemaChange Change) : EventResponse;

/// <summary>An event of a type this client does not know: kept by name, its body ignored.</summary>
internal sealed record UnknownEvent(string Type) : EventResponse;
