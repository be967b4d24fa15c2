namespace Cassandra;

/// <summary>Executes statements. Thread-safe; make one per keyspace and keep it.</summary>
public interface ISession : IDisposable, IAsyncDisposable
{
    /// <summary>The cluster it is of.</summary>
    ICluster Cluster { get; }

    /// <summary>The keyspace of tables without one; null for none.</summary>
    string? Keyspace { get; }

    /// <summary>Whether it has been closed.</summary>
    bool IsDisposed { get; }

    /// <summary>The protocol's version: 5.</summary>
    int BinaryProtocolVersion { get; }

    /// <summary>Executes a statement; for the errors see docs/cassandra-client.md.</summary>
    Task<RowSet> ExecuteAsync(IStatement statement);

    /// <summary>Executes a statement until it is cancelled (not in the official driver). A cancelled write may have been applied.</summary>
    Task<RowSet> ExecuteAsync(IStatement statement, CancellationToken cancellationToken);

    /// <summary>Executes a statement and blocks.</summary>
    RowSet Execute(IStatement statement);

    /// <summary>Executes CQL and blocks.</summary>
    RowSet Execute(string cqlQuery);

    /// <summary>Executes CQL at this consistency level and blocks.</summary>
    RowSet Execute(string cqlQuery, ConsistencyLevel consistency);

    /// <summary>Executes CQL with pages of this many rows and blocks.</summary>
    RowSet Execute(string cqlQuery, int pageSize);

    /// <summary>Prepares CQL on a host, then on all others. Asked twice for the same text, it answers from memory.</summary>
    Task<PreparedStatement> PrepareAsync(string cqlQuery);

    /// <summary>The same, with tables without a keyspace in this one instead of the session's.</summary>
    Task<PreparedStatement> PrepareAsync(string cqlQuery, string? keyspace);

    /// <summary>Prepares CQL and blocks.</summary>
    PreparedStatement Prepare(string cqlQuery);

    /// <summary>Prepares CQL for tables of this keyspace and blocks.</summary>
    PreparedStatement Prepare(string cqlQuery, string? keyspace);

    /// <summary>Another keyspace for what follows; it has to exist. Blocks.</summary>
    void ChangeKeyspace(string keyspace);

    /// <summary>Makes a keyspace and blocks. Names are case-sensitive.</summary>
    /// <param name="keyspaceName">Its name.</param>
    /// <param name="replication">Options, <c>class</c> among them; null: SimpleStrategy, one copy.</param>
    /// <param name="durableWrites">False: writes bypass the commit log.</param>
    /// <exception cref="AlreadyExistsException">It is there.</exception>
    void CreateKeyspace(string keyspaceName, Dictionary<string, string>? replication = null, bool durableWrites = true);

    /// <summary>See <see cref="CreateKeyspace"/>; one that is there stays as it is.</summary>
    void CreateKeyspaceIfNotExists(string keyspaceName, Dictionary<string, string>? replication = null, bool durableWrites = true);

    /// <summary>Drops a keyspace, with all that it holds, and blocks.</summary>
    /// <exception cref="InvalidQueryException">It is not there.</exception>
    void DeleteKeyspace(string keyspaceName);

    /// <summary>Drops a keyspace if it is there, and blocks.</summary>
    void DeleteKeyspaceIfExists(string keyspaceName);

    /// <summary>Closes: waits for requests in flight at most five seconds.</summary>
    Task ShutdownAsync();
}
