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

    /// <summary>Prepares CQL on a host, then on all others. Asked twice for the same text, it answers from memory.</summary>
    Task<PreparedStatement> PrepareAsync(string cqlQuery);

    /// <summary>Prepares CQL and blocks.</summary>
    PreparedStatement Prepare(string cqlQuery);

    /// <summary>Another keyspace for what follows; it has to exist. Blocks.</summary>
    void ChangeKeyspace(string keyspace);

    /// <summary>Closes: waits for requests in flight at most five seconds.</summary>
    Task ShutdownAsync();
}
