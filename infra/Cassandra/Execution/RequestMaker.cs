using Cassandra.Protocol;
using WireOptions = Cassandra.Protocol.QueryOptions;

namespace Cassandra;

/// <summary>Turns statements into requests of the protocol: defaults are filled in here.</summary>
internal static class RequestMaker
{
    /// <summary>The request, and the shape its rows will have unless the answer brings another.</summary>
    /// <exception cref="ArgumentException">A statement of no kind that is known.</exception>
    public static Request Make(Statement statement, QueryOptions defaults, string? keyspace, out ResultShape shape, byte[]? pagingState = null)
    {
        shape = ResultShape.None;
        switch (statement)
        {
            case BoundStatement bound:
                shape = bound.PreparedStatement.Shape;
                bool skipMetadata = shape.Specs.Length > 0;
                return new ExecuteRequest(
                    bound.PreparedStatement.Id, shape.MetadataId, Options(bound, bound.Values, defaults, null, skipMetadata, pagingState, paged: skipMetadata));
            case SimpleStatement simple:
                WireOptions options = Options(simple, simple.Encoded, defaults, simple.Keyspace ?? keyspace, false, pagingState, paged: true);
                return new QueryRequest(simple.QueryString, simple.ValueNames is null ? options : options with { ValueNames = simple.ValueNames });
            case BatchStatement batch:
                return MakeBatch(batch, defaults, keyspace);
            default:
                throw new ArgumentException($"a statement of type {statement.GetType().Name} cannot be executed");
        }
    }

    public static ConsistencyLevel ConsistencyOf(Request request) => request switch
    {
        ExecuteRequest execute => execute.Options.Consistency,
        QueryRequest query => query.Options.Consistency,
        BatchRequest batch => batch.Consistency,
        _ => ConsistencyLevel.Any,
    };

    public static Request WithConsistency(Request request, ConsistencyLevel consistency) => request switch
    {
        ExecuteRequest execute => execute with { Options = execute.Options with { Consistency = consistency } },
        QueryRequest query => query with { Options = query.Options with { Consistency = consistency } },
        BatchRequest batch => batch with { Consistency = consistency },
        _ => request,
    };

    // null for what is the server's default anyway, so that fewer bytes go out
    private static ConsistencyLevel? Serial(Statement statement, QueryOptions defaults)
    {
        ConsistencyLevel serial = statement.SerialConsistencyLevel ?? defaults.GetSerialConsistencyLevel();
        return serial == ConsistencyLevel.Serial ? null : serial;
    }

    private static WireOptions Options(
        Statement statement, EncodedValues values, QueryOptions defaults, string? keyspace, bool skipMetadata, byte[]? pagingState, bool paged)
    {
        int pageSize = statement.PageSize == 0 ? defaults.GetPageSize() : statement.PageSize;
        return new WireOptions(
            statement.ConsistencyLevel ?? defaults.GetConsistencyLevel(), values, paged && pageSize > 0 ? pageSize : null, pagingState ?? statement.PagingState,
            Serial(statement, defaults), statement.TimestampMicros, skipMetadata, keyspace, Payload(statement), statement.IsTracing);
    }

    private static BatchRequest MakeBatch(BatchStatement batch, QueryOptions defaults, string? keyspace)
    {
        List<BatchEntry> entries = new(batch.Statements.Count);
        bool text = false;
        foreach (Statement statement in batch.Statements)
        {
            text |= statement is SimpleStatement;
            entries.Add(statement is BoundStatement bound
                ? new BatchEntry(null, bound.PreparedStatement.Id, bound.Values)
                : new BatchEntry(((SimpleStatement)statement).QueryString, null, ((SimpleStatement)statement).Encoded));
        }
        return new BatchRequest(
            (BatchKind)batch.BatchType, entries, batch.ConsistencyLevel ?? defaults.GetConsistencyLevel(), Serial(batch, defaults), batch.TimestampMicros)
        {
            Keyspace = text ? batch.Keyspace ?? keyspace : null,
            Tracing = batch.IsTracing,
            CustomPayload = Payload(batch),
        };
    }

    private static Dictionary<string, byte[]>? Payload(Statement statement) => statement.OutgoingPayload is { } payload ? new Dictionary<string, byte[]>(payload) : null;
}
