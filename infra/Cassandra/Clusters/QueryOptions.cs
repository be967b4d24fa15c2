namespace Cassandra;

/// <summary>Defaults of statements.</summary>
public sealed class QueryOptions
{
    private ConsistencyLevel consistency = ConsistencyLevel.LocalOne;
    private ConsistencyLevel serialConsistency = ConsistencyLevel.Serial;
    private int pageSize = 5000;
    private bool defaultIdempotence;
    private bool prepareOnAllHosts = true;
    private bool reprepareOnUp = true;

    /// <summary>Default LOCAL_ONE.</summary>
    public ConsistencyLevel GetConsistencyLevel() => consistency;

    /// <summary>Default SERIAL.</summary>
    public ConsistencyLevel GetSerialConsistencyLevel() => serialConsistency;

    /// <summary>Rows per page: default 5000, 1 to 100,000; negative turns paging off.</summary>
    public int GetPageSize() => pageSize;

    /// <summary>Default false: only what says that it is idempotent is executed twice.</summary>
    public bool GetDefaultIdempotence() => defaultIdempotence;

    /// <summary>Whether a statement is prepared on every host at once, so that none has to ask for it later. Default true.</summary>
    public bool IsPrepareOnAllHosts() => prepareOnAllHosts;

    /// <summary>Whether a host that comes up is prepared before requests go to it. Default true.</summary>
    public bool IsReprepareOnUp() => reprepareOnUp;

    /// <summary>See <see cref="GetConsistencyLevel"/>.</summary>
    public QueryOptions SetConsistencyLevel(ConsistencyLevel value) => Set(ref consistency, value);

    /// <summary>See <see cref="GetSerialConsistencyLevel"/>.</summary>
    public QueryOptions SetSerialConsistencyLevel(ConsistencyLevel value) => Set(ref serialConsistency, value);

    /// <summary>See <see cref="GetPageSize"/>.</summary>
    public QueryOptions SetPageSize(int value) => Set(ref pageSize, value);

    /// <summary>See <see cref="GetDefaultIdempotence"/>.</summary>
    public QueryOptions SetDefaultIdempotence(bool value) => Set(ref defaultIdempotence, value);

    /// <summary>See <see cref="IsPrepareOnAllHosts"/>.</summary>
    public QueryOptions SetPrepareOnAllHosts(bool value) => Set(ref prepareOnAllHosts, value);

    /// <summary>See <see cref="IsReprepareOnUp"/>.</summary>
    public QueryOptions SetReprepareOnUp(bool value) => Set(ref reprepareOnUp, value);

    internal void Validate()
    {
        if (pageSize >= 0)
        {
            PoolingOptions.Range(pageSize, 1, Statement.MaxPageSize, "page size");
        }
        if (serialConsistency is not (ConsistencyLevel.Serial or ConsistencyLevel.LocalSerial))
        {
            throw new ArgumentException($"{serialConsistency} is no serial consistency level: Serial or LocalSerial");
        }
    }

    private QueryOptions Set<T>(ref T field, T value)
    {
        field = value;
        return this;
    }
}
