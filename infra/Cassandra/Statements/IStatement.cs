namespace Cassandra;

/// <summary>A request for a session to execute. Not thread-safe; execute it as often as you like, but change it only in between.</summary>
public interface IStatement
{
    /// <summary>Whether reading rows on past the first page fetches the next by itself. Default true.</summary>
    bool AutoPage { get; }

    /// <summary>Null takes the cluster's default.</summary>
    ConsistencyLevel? ConsistencyLevel { get; }

    /// <summary>The level of a conditional write's Paxos round; null takes the cluster's default.</summary>
    ConsistencyLevel? SerialConsistencyLevel { get; }

    /// <summary>Whether the coordinator is asked to write a trace.</summary>
    bool IsTracing { get; }

    /// <summary>
    /// Whether executing it twice does what executing it once does. Only then is it executed again after a time-out, or speculatively. Null takes the
    /// cluster's default (false).
    /// </summary>
    bool? IsIdempotent { get; }

    /// <summary>Rows per page; 0 takes the cluster's default; negative turns paging off.</summary>
    int PageSize { get; }

    /// <summary>Where to go on; null starts at the beginning.</summary>
    byte[]? PagingState { get; }

    /// <summary>The serialized partition key, if known.</summary>
    RoutingKey? RoutingKey { get; }

    /// <summary>The keyspace of its table, if known.</summary>
    string? Keyspace { get; }

    /// <summary>The write time; null leaves it to the coordinator.</summary>
    DateTimeOffset? Timestamp { get; }

    /// <summary>Milliseconds that one attempt may take; 0 takes the cluster's default.</summary>
    int ReadTimeoutMillis { get; }

    /// <summary>Null takes the cluster's.</summary>
    IRetryPolicy? RetryPolicy { get; }

    /// <summary>For query handlers of the server; null sends none.</summary>
    IDictionary<string, byte[]>? OutgoingPayload { get; }

    /// <summary>See <see cref="AutoPage"/>.</summary>
    IStatement SetAutoPage(bool autoPage);

    /// <summary>See <see cref="ConsistencyLevel"/>.</summary>
    IStatement SetConsistencyLevel(ConsistencyLevel? consistencyLevel);

    /// <summary>See <see cref="SerialConsistencyLevel"/>.</summary>
    IStatement SetSerialConsistencyLevel(ConsistencyLevel serialConsistencyLevel);

    /// <summary>See <see cref="IsTracing"/>.</summary>
    IStatement EnableTracing(bool enable = true);

    /// <summary>See <see cref="IsTracing"/>.</summary>
    IStatement DisableTracing();

    /// <summary>See <see cref="IsIdempotent"/>.</summary>
    IStatement SetIdempotence(bool value);

    /// <summary>See <see cref="PageSize"/>.</summary>
    IStatement SetPageSize(int pageSize);

    /// <summary>See <see cref="PagingState"/>.</summary>
    IStatement SetPagingState(byte[]? pagingState);

    /// <summary>See <see cref="Timestamp"/>.</summary>
    IStatement SetTimestamp(DateTimeOffset value);

    /// <summary>See <see cref="ReadTimeoutMillis"/>.</summary>
    IStatement SetReadTimeoutMillis(int timeout);

    /// <summary>See <see cref="RetryPolicy"/>.</summary>
    IStatement SetRetryPolicy(IRetryPolicy policy);

    /// <summary>See <see cref="OutgoingPayload"/>.</summary>
    IStatement SetOutgoingPayload(IDictionary<string, byte[]>? payload);
}

/// <summary>A statement that knows its token without allocating a routing key.</summary>
internal interface IRoutedStatement
{
    /// <summary>The keyspace of the table.</summary>
    string? Keyspace { get; }

    /// <summary>False when the partition key is not known.</summary>
    bool TryGetToken(out long token);
}

/// <summary>A serialized partition key: what the token is computed of.</summary>
public sealed class RoutingKey(byte[] rawRoutingKey)
{
    /// <summary>The value of a single column, or for several each as [length: 2][bytes][0].</summary>
    public byte[] RawRoutingKey { get; } = rawRoutingKey ?? throw new ArgumentNullException(nameof(rawRoutingKey));

    /// <summary>The key of several columns.</summary>
    /// <exception cref="ArgumentException">A column of more than 65,535 bytes, which no partition key holds.</exception>
    public static RoutingKey Compose(params RoutingKey[] components)
    {
        ArgumentNullException.ThrowIfNull(components);
        if (components.Length == 1)
        {
            return components[0];
        }
        byte[] key = new byte[components.Sum(component => component.RawRoutingKey.Length + 3)];
        Span<byte> rest = key;
        foreach (RoutingKey component in components)
        {
            rest = rest[Append(rest, component.RawRoutingKey)..];
        }
        return new RoutingKey(key);
    }

    /// <summary>Writes one column of a composite key; returns its length.</summary>
    internal static int Append(Span<byte> destination, ReadOnlySpan<byte> column)
    {
        if (column.Length > ushort.MaxValue)
        {
            throw new ArgumentException($"a partition key column of {column.Length} bytes; at most 65535");
        }
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)column.Length);
        column.CopyTo(destination[2..]);
        destination[2 + column.Length] = 0;
        return column.Length + 3;
    }
}
