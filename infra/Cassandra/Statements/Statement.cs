namespace Cassandra;

/// <summary>What all statements share; every setter returns the statement.</summary>
public abstract class Statement : IStatement, IRoutedStatement
{
    /// <summary>Rows per page at most, so that a page fits a frame.</summary>
    public const int MaxPageSize = 100_000;

    private bool? idempotent;

    /// <inheritdoc/>
    public bool AutoPage { get; private set; } = true;

    /// <inheritdoc/>
    public ConsistencyLevel? ConsistencyLevel { get; private set; }

    /// <inheritdoc/>
    public ConsistencyLevel? SerialConsistencyLevel { get; private set; }

    /// <inheritdoc/>
    public bool IsTracing { get; private set; }

    /// <inheritdoc/>
    public virtual bool? IsIdempotent => idempotent;

    /// <inheritdoc/>
    public int PageSize { get; private set; }

    /// <inheritdoc/>
    public byte[]? PagingState { get; private set; }

    /// <inheritdoc/>
    public abstract RoutingKey? RoutingKey { get; }

    /// <inheritdoc/>
    public abstract string? Keyspace { get; }

    /// <inheritdoc/>
    public DateTimeOffset? Timestamp { get; private set; }

    /// <inheritdoc/>
    public int ReadTimeoutMillis { get; private set; }

    /// <inheritdoc/>
    public IRetryPolicy? RetryPolicy { get; private set; }

    /// <inheritdoc/>
    public IDictionary<string, byte[]>? OutgoingPayload { get; private set; }

    /// <summary>Microseconds since 1970, as on the wire.</summary>
    internal long? TimestampMicros => Timestamp is { } time ? (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond : null;

    bool IRoutedStatement.TryGetToken(out long token) => TryGetToken(out token);

    /// <summary>See <see cref="IStatement.AutoPage"/>.</summary>
    public Statement SetAutoPage(bool autoPage)
    {
        AutoPage = autoPage;
        return this;
    }

    /// <summary>See <see cref="IStatement.ConsistencyLevel"/>.</summary>
    public Statement SetConsistencyLevel(ConsistencyLevel? consistencyLevel)
    {
        ConsistencyLevel = consistencyLevel;
        return this;
    }

    /// <summary>See <see cref="IStatement.SerialConsistencyLevel"/>.</summary>
    /// <exception cref="ArgumentException">A level that is not SERIAL or LOCAL_SERIAL.</exception>
    public Statement SetSerialConsistencyLevel(ConsistencyLevel serialConsistencyLevel)
    {
        if (serialConsistencyLevel is not (global::Cassandra.ConsistencyLevel.Serial or global::Cassandra.ConsistencyLevel.LocalSerial))
        {
            throw new ArgumentException($"{serialConsistencyLevel} is no serial consistency level: Serial or LocalSerial");
        }
        SerialConsistencyLevel = serialConsistencyLevel;
        return this;
    }

    /// <summary>Asks for a trace.</summary>
    public Statement EnableTracing(bool enable = true)
    {
        IsTracing = enable;
        return this;
    }

    /// <summary>Asks for no trace.</summary>
    public Statement DisableTracing() => EnableTracing(false);

    /// <summary>See <see cref="IStatement.IsIdempotent"/>.</summary>
    public Statement SetIdempotence(bool value)
    {
        idempotent = value;
        return this;
    }

    /// <summary>See <see cref="IStatement.PageSize"/>.</summary>
    public Statement SetPageSize(int pageSize)
    {
        PageSize = pageSize <= MaxPageSize ? pageSize : throw new ArgumentOutOfRangeException(nameof(pageSize), $"at most {MaxPageSize} rows");
        return this;
    }

    /// <summary>See <see cref="IStatement.PagingState"/>; as in the official driver, a state that is set turns <see cref="AutoPage"/> off.</summary>
    public Statement SetPagingState(byte[]? pagingState)
    {
        PagingState = pagingState;
        AutoPage &= pagingState is null;
        return this;
    }

    /// <summary>See <see cref="IStatement.Timestamp"/>; whole microseconds count.</summary>
    public Statement SetTimestamp(DateTimeOffset value)
    {
        Timestamp = value;
        return this;
    }

    /// <summary>See <see cref="IStatement.ReadTimeoutMillis"/>.</summary>
    public Statement SetReadTimeoutMillis(int timeout)
    {
        ReadTimeoutMillis = timeout >= 0 ? timeout : throw new ArgumentOutOfRangeException(nameof(timeout), "at least 0 ms");
        return this;
    }

    /// <summary>See <see cref="IStatement.RetryPolicy"/>.</summary>
    public Statement SetRetryPolicy(IRetryPolicy policy)
    {
        RetryPolicy = policy;
        return this;
    }

    /// <summary>See <see cref="IStatement.OutgoingPayload"/>.</summary>
    public Statement SetOutgoingPayload(IDictionary<string, byte[]>? payload)
    {
        OutgoingPayload = payload;
        return this;
    }

    // the setters above return the class, which more can be done with

    IStatement IStatement.SetAutoPage(bool autoPage) => SetAutoPage(autoPage);

    IStatement IStatement.SetConsistencyLevel(ConsistencyLevel? consistencyLevel) => SetConsistencyLevel(consistencyLevel);

    IStatement IStatement.SetSerialConsistencyLevel(ConsistencyLevel serialConsistencyLevel) => SetSerialConsistencyLevel(serialConsistencyLevel);

    IStatement IStatement.EnableTracing(bool enable) => EnableTracing(enable);

    IStatement IStatement.DisableTracing() => DisableTracing();

    IStatement IStatement.SetIdempotence(bool value) => SetIdempotence(value);

    IStatement IStatement.SetPageSize(int pageSize) => SetPageSize(pageSize);

    IStatement IStatement.SetPagingState(byte[]? pagingState) => SetPagingState(pagingState);

    IStatement IStatement.SetTimestamp(DateTimeOffset value) => SetTimestamp(value);

    IStatement IStatement.SetReadTimeoutMillis(int timeout) => SetReadTimeoutMillis(timeout);

    IStatement IStatement.SetRetryPolicy(IRetryPolicy policy) => SetRetryPolicy(policy);

    IStatement IStatement.SetOutgoingPayload(IDictionary<string, byte[]>? payload) => SetOutgoingPayload(payload);

    internal virtual bool TryGetToken(out long token)
    {
        token = RoutingKey is { } key ? Murmur3Partitioner.Token(key.RawRoutingKey) : 0;
        return RoutingKey is not null;
    }
}
