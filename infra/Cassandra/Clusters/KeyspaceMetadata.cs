namespace Cassandra;

/// <summary>A keyspace: what routing needs of it, and its tables.</summary>
public sealed class KeyspaceMetadata
{
    internal KeyspaceMetadata(string name, bool durableWrites, IReadOnlyDictionary<string, string> replication, IReadOnlyDictionary<string, TableMetadata> tables)
    {
        Name = name;
        DurableWrites = durableWrites;
        Replication = replication;
        Tables = tables;
        Strategy = ReplicationStrategy.Parse(replication);
    }

    /// <summary>As in the system tables: case-sensitive, without quotes.</summary>
    public string Name { get; }

    /// <summary>False when writes bypass the commit log.</summary>
    public bool DurableWrites { get; }

    /// <summary>Replication options, <c>class</c> among them.</summary>
    public IReadOnlyDictionary<string, string> Replication { get; }

    /// <summary>The strategy's class.</summary>
    public string? StrategyClass => Replication.GetValueOrDefault("class");

    internal IReadOnlyDictionary<string, TableMetadata> Tables { get; }

    internal ReplicationStrategy? Strategy { get; }

    /// <summary>The table, or null.</summary>
    public TableMetadata? GetTableMetadata(string tableName) => Tables.GetValueOrDefault(tableName);

    /// <summary>Names of the tables.</summary>
    public ICollection<string> GetTablesNames() => [.. Tables.Keys];
}

/// <summary>A table: its columns, the keys in order.</summary>
public sealed class TableMetadata
{
    internal TableMetadata(string name, IReadOnlyList<TableColumn> columns)
    {
        Name = name;
        TableColumns = columns;
        PartitionKeys = Of("partition_key");
        ClusteringKeys = Of("clustering");

        TableColumn[] Of(string kind) => [.. columns.Where(column => column.Kind == kind).OrderBy(column => column.Position)];
    }

    /// <summary>Case-sensitive, without quotes.</summary>
    public string Name { get; }

    /// <summary>All columns.</summary>
    public IReadOnlyList<TableColumn> TableColumns { get; }

    /// <summary>In the order of the key.</summary>
    public TableColumn[] PartitionKeys { get; }

    /// <summary>In the order of the key.</summary>
    public TableColumn[] ClusteringKeys { get; }
}

/// <summary>A column of a table.</summary>
/// <param name="Name">Case-sensitive, without quotes.</param>
/// <param name="Kind">partition_key, clustering, regular or static.</param>
/// <param name="Position">Within its key; -1 outside of keys.</param>
/// <param name="CqlType">The type as CQL text, for instance <c>list&lt;int&gt;</c>.</param>
public sealed record TableColumn(string Name, string Kind, int Position, string CqlType);
