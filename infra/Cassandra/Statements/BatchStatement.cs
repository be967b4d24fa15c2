using Cassandra.Protocol;

namespace Cassandra;

/// <summary>What a batch promises.</summary>
public enum BatchType
{
    /// <summary>All of it, in the end, even if the coordinator dies: it costs a batch log.</summary>
    Logged = 0,

    /// <summary>Each statement by itself; of one partition it is still one write.</summary>
    Unlogged = 1,

    /// <summary>Of counters.</summary>
    Counter = 2,
}

/// <summary>Several writes in one request. The routing key is the first statement's that has one.</summary>
public sealed class BatchStatement : Statement
{
    /// <summary>The protocol counts statements in 16 bits.</summary>
    public const int MaxStatements = 65_535;

    private readonly List<Statement> queries = [];
    private RoutingKey? routingKey;
    private string? keyspace;

    /// <summary>Logged by default.</summary>
    public BatchType BatchType { get; private set; } = BatchType.Logged;

    /// <summary>Whether it holds nothing.</summary>
    public bool IsEmpty => queries.Count == 0;

    /// <summary>What it holds.</summary>
    public IReadOnlyList<IStatement> Queries => queries;

    /// <inheritdoc/>
    public override string? Keyspace => keyspace ?? queries.Select(query => query.Keyspace).FirstOrDefault(name => name is not null);

    /// <summary>As set; else true when all that it holds is idempotent.</summary>
    public override bool? IsIdempotent => base.IsIdempotent ?? (queries.Count > 0 && queries.TrueForAll(query => query.IsIdempotent == true) ? true : null);

    /// <inheritdoc/>
    public override RoutingKey? RoutingKey => routingKey ?? queries.Select(query => query.RoutingKey).FirstOrDefault(key => key is not null);

    internal List<Statement> Statements => queries;

    /// <summary>Adds a simple or a bound statement.</summary>
    /// <exception cref="ArgumentException">Another kind, values with names, or more than <see cref="MaxStatements"/>.</exception>
    public BatchStatement Add(Statement statement)
    {
        if (statement is not (BoundStatement or SimpleStatement { ValueNames: null }))
        {
            throw new ArgumentException("a batch holds bound statements and simple ones without named values");
        }
        if (queries.Count == MaxStatements)
        {
            throw new ArgumentException($"at most {MaxStatements} statements in a batch");
        }
        queries.Add(statement);
        return this;
    }

    /// <summary>See <see cref="BatchType"/>.</summary>
    public BatchStatement SetBatchType(BatchType batchType)
    {
        BatchType = batchType;
        return this;
    }

    /// <summary>The keyspace of tables without one.</summary>
    public BatchStatement SetKeyspace(string name)
    {
        keyspace = name;
        return this;
    }

    /// <summary>Instead of the first statement's.</summary>
    public BatchStatement SetRoutingKey(params RoutingKey[] routingKeyComponents)
    {
        routingKey = global::Cassandra.RoutingKey.Compose(routingKeyComponents);
        return this;
    }

    internal override bool TryGetToken(out long token)
    {
        if (routingKey is null)
        {
            foreach (Statement statement in queries)
            {
                if (statement.TryGetToken(out token))
                {
                    return true;
                }
            }
        }
        return base.TryGetToken(out token);
    }
}
