using Cassandra.Protocol;

namespace Cassandra;

/// <summary>A statement that the nodes have parsed. Thread-safe; keep it as long as the cluster.</summary>
public sealed class PreparedStatement
{
    private ResultShape shape;

    internal PreparedStatement(string cql, string? keyspace, PreparedResult prepared)
    {
        Cql = cql;
        PreparedIn = keyspace;
        Id = prepared.Id;
        VariableSpecs = [.. prepared.Variables];
        Markers = [.. VariableSpecs.Select(variable => variable.Type)];
        PartitionKey = [.. prepared.PartitionKeyIndexes];
        Keyspace = VariableSpecs.FirstOrDefault()?.Keyspace ?? prepared.ResultMetadata.Columns?.FirstOrDefault()?.Keyspace ?? keyspace;
        shape = ResultShape.Of(prepared);
    }

    /// <summary>The CQL text.</summary>
    public string Cql { get; }

    /// <summary>The id nodes know it by.</summary>
    public byte[] Id { get; }

    /// <summary>What is bound.</summary>
    public RowSetMetadata Variables => new(ResultShape.ToColumns(VariableSpecs));

    /// <summary>Indexes of the variables that make up the partition key; empty where they do not.</summary>
    public int[] RoutingIndexes => [.. PartitionKey];

    /// <summary>The keyspace of its table.</summary>
    public string? Keyspace { get; }

    /// <summary>Inherited by what is bound from it.</summary>
    public ConsistencyLevel? ConsistencyLevel { get; private set; }

    /// <summary>Inherited by what is bound from it.</summary>
    public bool? IsIdempotent { get; private set; }

    /// <summary>Inherited by what is bound from it.</summary>
    public IDictionary<string, byte[]>? OutgoingPayload { get; private set; }

    /// <summary>Inherited by what is bound from it; null: computed of the values, which is right unless they do not hold the partition key.</summary>
    public RoutingKey? RoutingKey { get; private set; }

    internal ColumnSpec[] VariableSpecs { get; }

    internal CqlType[] Markers { get; }

    internal int[] PartitionKey { get; }

    /// <summary>The keyspace of the session that prepared it: part of what makes its id.</summary>
    internal string? PreparedIn { get; }

    /// <summary>The columns of its results as last heard; a request is answered in the shape it was sent with, or with a new one.</summary>
    internal ResultShape Shape
    {
        get => Volatile.Read(ref shape);
        set => Volatile.Write(ref shape, value);
    }

    /// <summary>Values in the order of the marks, or by name in one object of an anonymous type; missing ones are left unset.</summary>
    /// <exception cref="ArgumentException">More values than marks.</exception>
    /// <exception cref="InvalidTypeException">A value does not fit its column.</exception>
    public BoundStatement Bind(params object?[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        object?[] ordered = NamedValues.Are(values) ? NamedValues.InOrderOf(VariableSpecs.Select(variable => variable.Name), values[0]!) : values;
        return Inherit(new BoundStatement(this, ValueEncoding.Encode(Markers, ordered)));
    }

    /// <summary>For what every bound statement inherits.</summary>
    public PreparedStatement SetConsistencyLevel(ConsistencyLevel consistencyLevel)
    {
        ConsistencyLevel = consistencyLevel;
        return this;
    }

    /// <summary>For what every bound statement inherits.</summary>
    public PreparedStatement SetIdempotence(bool value)
    {
        IsIdempotent = value;
        return this;
    }

    /// <summary>For what every bound statement inherits.</summary>
    public PreparedStatement SetOutgoingPayload(IDictionary<string, byte[]>? payload)
    {
        OutgoingPayload = payload;
        return this;
    }

    /// <summary>For a partition key that is the same in every execution and not among the values.</summary>
    public PreparedStatement SetRoutingKey(params RoutingKey[] routingKeyComponents)
    {
        RoutingKey = RoutingKey.Compose(routingKeyComponents);
        return this;
    }

    /// <summary>Values already in wire form: for callers that write many rows and own an encoder.</summary>
    internal BoundStatement BindEncoded(EncodedValues values) => Inherit(new BoundStatement(this, values));

    private BoundStatement Inherit(BoundStatement bound)
    {
        if (ConsistencyLevel is not null)
        {
            bound.SetConsistencyLevel(ConsistencyLevel);
        }
        if (IsIdempotent is { } idempotent)
        {
            bound.SetIdempotence(idempotent);
        }
        if (RoutingKey is not null)
        {
            bound.SetRoutingKey(RoutingKey);
        }
        if (OutgoingPayload is not null)
        {
            bound.SetOutgoingPayload(OutgoingPayload);
        }
        return bound;
    }
}
