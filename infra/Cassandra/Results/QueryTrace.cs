using System.Net;

namespace Cassandra;

/// <summary>What the coordinator wrote of a traced request (system_traces). Nodes write it after they have answered, so it is waited for, within bounds.</summary>
public sealed class QueryTrace
{
    /// <summary>How often a trace that is not complete is read again.</summary>
    public const int MaxReads = 10;

    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(20);
    private readonly Session session;
    private Content? content;

    internal QueryTrace(Guid traceId, Session session)
    {
        TraceId = traceId;
        this.session = session;
    }

    /// <summary>Its id in system_traces.</summary>
    public Guid TraceId { get; }

    /// <summary>For instance "Execute CQL3 query".</summary>
    public string? RequestType => Loaded.RequestType;

    /// <summary>Microseconds that the coordinator took.</summary>
    public int DurationMicros => Loaded.DurationMicros;

    /// <summary>The coordinator.</summary>
    public IPAddress? Coordinator => Loaded.Coordinator;

    /// <summary>Parameters, the query among them.</summary>
    public IDictionary<string, string> Parameters => Loaded.Parameters;

    /// <summary>When it began.</summary>
    public DateTimeOffset StartedAt => Loaded.StartedAt;

    /// <summary>What happened, in order.</summary>
    public IReadOnlyList<TraceEvent> Events => Loaded.Events;

    // the official driver's properties load by themselves, and block while they do
    private Content Loaded => content ?? LoadAsync().GetAwaiter().GetResult().content!;

    /// <summary>Reads it: call this before the properties, so that they do not block.</summary>
    /// <exception cref="TraceRetrievalException">It is not complete after <see cref="MaxReads"/> reads (about 5 s).</exception>
    public async Task<QueryTrace> LoadAsync(CancellationToken ct = default)
    {
        TimeSpan wait = FirstWait;
        for (int read = 0; content is null && read < MaxReads; read++)
        {
            Row? row = await FirstAsync(ct).ConfigureAwait(false);
            if (row is not null && !row.IsNull("duration"))
            {
                content = new Content(
                    row.GetValue<string?>("request"), row.GetValue<int>("duration"), row.GetValue<IPAddress?>("coordinator"),
                    row.GetValue<IDictionary<string, string>?>("parameters") ?? new Dictionary<string, string>(), row.GetValue<DateTimeOffset>("started_at"),
                    await EventsAsync(ct).ConfigureAwait(false));
                break;
            }
            await Task.Delay(wait, session.Time, ct).ConfigureAwait(false);
            wait = wait * 2 < TimeSpan.FromSeconds(1) ? wait * 2 : TimeSpan.FromSeconds(1);
        }
        return content is not null ? this : throw new TraceRetrievalException($"trace {TraceId} is not complete after {MaxReads} reads");
    }

    private async Task<Row?> FirstAsync(CancellationToken ct)
    {
        RowSet rows = await ReadAsync("SELECT * FROM system_traces.sessions WHERE session_id = ?", ct).ConfigureAwait(false);
        return rows.FirstOrDefault();
    }

    private async Task<IReadOnlyList<TraceEvent>> EventsAsync(CancellationToken ct)
    {
        List<TraceEvent> events = [];
        RowSet rows = await ReadAsync("SELECT * FROM system_traces.events WHERE session_id = ?", ct).ConfigureAwait(false);
        await foreach (Row row in rows.ReadAllAsync(ct).ConfigureAwait(false))
        {
            events.Add(new TraceEvent(
                row.GetValue<string?>("activity"), row.GetValue<IPAddress?>("source"), row.IsNull("source_elapsed") ? 0 : row.GetValue<int>("source_elapsed"),
                row.GetValue<string?>("thread")));
        }
        return events;
    }

    private Task<RowSet> ReadAsync(string cql, CancellationToken ct) =>
        session.ExecuteAsync(new SimpleStatement(cql, TraceId).SetConsistencyLevel(ConsistencyLevel.One).SetIdempotence(true), ct);

    private sealed record Content(
        string? RequestType, int DurationMicros, IPAddress? Coordinator, IDictionary<string, string> Parameters, DateTimeOffset StartedAt,
        IReadOnlyList<TraceEvent> Events);
}

/// <summary>One thing that happened for a traced request.</summary>
/// <param name="Description">What.</param>
/// <param name="Source">On which node.</param>
/// <param name="SourceElapsedMicros">Microseconds since the node began.</param>
/// <param name="ThreadName">In which of its threads.</param>
public sealed record TraceEvent(string? Description, IPAddress? Source, int SourceElapsedMicros, string? ThreadName);

/// <summary>A trace could not be read.</summary>
public sealed class TraceRetrievalException(string message) : DriverException(message);
