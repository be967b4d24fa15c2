using Cassandra.Protocol;

namespace Cassandra;

/// <summary>CQL text, with or without values. Their types are guessed from .NET's: prepare what runs often, or where the guess is wrong (int for bigint).</summary>
public sealed class SimpleStatement : Statement
{
    private string? keyspace;
    private RoutingKey? routingKey;

    /// <summary>CQL with values for its <c>?</c> marks, in order, or for its named marks (<c>:name</c>) in one object of an anonymous type.</summary>
    public SimpleStatement(string query, params object?[] values)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(query);
        QueryString = query;
        QueryValues = values ?? [];
        if (NamedValues.Are(QueryValues))
        {
            (string[] names, QueryValues) = NamedValues.Of(QueryValues[0]!);
            ValueNames = names;
        }
        Encoded = ValueEncoding.Guess(QueryValues);
    }

    /// <summary>CQL with values for its named marks (<c>:name</c>); names are sent in lower case, as the server knows them.</summary>
    public SimpleStatement(IDictionary<string, object?> valuesDictionary, string query)
    {
        ArgumentNullException.ThrowIfNull(valuesDictionary);
        ArgumentException.ThrowIfNullOrWhiteSpace(query);
        QueryString = query;
        ValueNames = [.. valuesDictionary.Keys.Select(name => name.ToLowerInvariant())];
        QueryValues = [.. valuesDictionary.Values];
        Encoded = ValueEncoding.Guess(QueryValues);
    }

    /// <summary>The CQL text.</summary>
    public string QueryString { get; }

    /// <summary>The values.</summary>
    public object?[] QueryValues { get; }

    /// <inheritdoc/>
    public override string? Keyspace => keyspace;

    /// <inheritdoc/>
    public override RoutingKey? RoutingKey => routingKey;

    internal IReadOnlyList<string>? ValueNames { get; }

    internal EncodedValues Encoded { get; }

    /// <summary>The keyspace of tables without one (native protocol v5), instead of the session's.</summary>
    public SimpleStatement SetKeyspace(string name)
    {
        keyspace = name;
        return this;
    }

    /// <summary>The partition key, so that a replica is asked.</summary>
    public SimpleStatement SetRoutingKey(params RoutingKey[] routingKeyComponents)
    {
        routingKey = global::Cassandra.RoutingKey.Compose(routingKeyComponents);
        return this;
    }

    /// <summary>The values of the partition key's columns, in order, so that a replica is asked; of the types that values are guessed as.</summary>
    public SimpleStatement SetRoutingValues(params object[] keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return SetRoutingKey([.. keys.Select(key => new RoutingKey(ValueEncoding.Guess([key]).Wire[sizeof(int)..].ToArray()))]);
    }
}
