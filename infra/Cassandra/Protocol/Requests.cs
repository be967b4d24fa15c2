namespace Cassandra.Protocol;

/// <summary>A request of the native protocol v5 (section 4.1), independent of connection and stream.</summary>
internal abstract record Request;

/// <summary>STARTUP: options by name, CQL_VERSION among them.</summary>
internal sealed record StartupRequest(IReadOnlyDictionary<string, string> Options) : Request;

/// <summary>OPTIONS: asks what the server supports; also the heartbeat.</summary>
internal sealed record OptionsRequest : Request
{
    public static readonly OptionsRequest Instance = new();
}

/// <summary>AUTH_RESPONSE: a SASL token; null is sent as such.</summary>
internal sealed record AuthResponseRequest(byte[]? Token) : Request
{
    /// <summary>Without the token: a record would print it into a log.</summary>
    public override string ToString() => nameof(AuthResponseRequest);
}

/// <summary>QUERY: CQL text with its parameters.</summary>
internal sealed record QueryRequest(string Cql, QueryOptions Options) : Request;

/// <summary>PREPARE: CQL text, with the keyspace of its unqualified tables when not the connection's.</summary>
internal sealed record PrepareRequest(string Cql, string? Keyspace = null) : Request
{
    public bool Tracing { get; init; }

    public IReadOnlyDictionary<string, byte[]>? CustomPayload { get; init; }
}

/// <summary>EXECUTE: a prepared statement's id and the id of the result metadata the caller holds.</summary>
internal sealed record ExecuteRequest(byte[] Id, byte[] ResultMetadataId, QueryOptions Options) : Request;

/// <summary>Kind of a batch, as the wire numbers it.</summary>
internal enum BatchKind
{
    Logged = 0,
    Unlogged = 1,
    Counter = 2,
}

/// <summary>One statement of a batch: either <paramref name="Cql"/> or <paramref name="PreparedId"/>.</summary>
internal readonly record struct BatchEntry(string? Cql, byte[]? PreparedId, IReadOnlyList<ReadOnlyMemory<byte>?> Values);

/// <summary>BATCH: at most 65,535 statements.</summary>
internal sealed record BatchRequest(
    BatchKind Kind,
    IReadOnlyList<BatchEntry> Entries,
    ConsistencyLevel Consistency,
    ConsistencyLevel? SerialConsistency = null,
    long? TimestampMicros = null) : Request
{
    public string? Keyspace { get; init; }

    public bool Tracing { get; init; }

    public IReadOnlyDictionary<string, byte[]>? CustomPayload { get; init; }
}

/// <summary>REGISTER: TOPOLOGY_CHANGE, STATUS_CHANGE, SCHEMA_CHANGE.</summary>
internal sealed record RegisterRequest(IReadOnlyList<string> Events) : Request;

/// <summary>Parameters of QUERY and EXECUTE (section 4.1.4).</summary>
/// <param name="Consistency">How many replicas must answer.</param>
/// <param name="Values">Serialized values in marker order; null is CQL null, <see cref="EncodedValues.Unset"/> leaves a column as it is. An <see cref="EncodedValues"/> is copied as it stands.</param>
/// <param name="PageSize">Rows per page; null: no paging.</param>
/// <param name="PagingState">Where the next page begins, as the server gave it.</param>
/// <param name="SerialConsistency">Of conditional updates; null: the server's default, SERIAL.</param>
/// <param name="TimestampMicros">Write timestamp, microseconds since 1970; null: the server's clock.</param>
/// <param name="SkipMetadata">The caller holds the result's metadata.</param>
/// <param name="Keyspace">Keyspace of unqualified tables, when not the connection's.</param>
/// <param name="CustomPayload">For custom query handlers of the server.</param>
/// <param name="Tracing">The server traces the request and answers with the trace's id.</param>
internal sealed record QueryOptions(
    ConsistencyLevel Consistency,
    IReadOnlyList<ReadOnlyMemory<byte>?> Values,
    int? PageSize = null,
    byte[]? PagingState = null,
    ConsistencyLevel? SerialConsistency = null,
    long? TimestampMicros = null,
    bool SkipMetadata = false,
    string? Keyspace = null,
    IReadOnlyDictionary<string, byte[]>? CustomPayload = null,
    bool Tracing = false)
{
    /// <summary>Names of the values, for QUERY with named markers; as many as values, or null.</summary>
    public IReadOnlyList<string>? ValueNames { get; init; }
}
