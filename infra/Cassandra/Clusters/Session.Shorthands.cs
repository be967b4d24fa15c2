namespace Cassandra;

/// <summary>What the official driver offers beside the asynchronous methods: calls that block, text instead of statements, keyspaces without CQL.</summary>
internal sealed partial class Session
{
    private static readonly Dictionary<string, string> OneCopy = new() { ["class"] = "SimpleStrategy", ["replication_factor"] = "1" };

    public RowSet Execute(IStatement statement) => ExecuteAsync(statement).GetAwaiter().GetResult();

    public RowSet Execute(string cqlQuery) => Execute(new SimpleStatement(cqlQuery));

    public RowSet Execute(string cqlQuery, ConsistencyLevel consistency) => Execute(new SimpleStatement(cqlQuery).SetConsistencyLevel(consistency));

    public RowSet Execute(string cqlQuery, int pageSize) => Execute(new SimpleStatement(cqlQuery).SetPageSize(pageSize));

    public PreparedStatement Prepare(string cqlQuery) => PrepareAsync(cqlQuery).GetAwaiter().GetResult();

    public PreparedStatement Prepare(string cqlQuery, string? keyspace) => PrepareAsync(cqlQuery, keyspace).GetAwaiter().GetResult();

    public void ChangeKeyspace(string keyspace) => Execute($"USE {Quoted(keyspace)}");

    public void CreateKeyspace(string keyspaceName, Dictionary<string, string>? replication = null, bool durableWrites = true) =>
        Execute($"CREATE KEYSPACE {Definition(keyspaceName, replication, durableWrites)}");

    public void CreateKeyspaceIfNotExists(string keyspaceName, Dictionary<string, string>? replication = null, bool durableWrites = true) =>
        Execute($"CREATE KEYSPACE IF NOT EXISTS {Definition(keyspaceName, replication, durableWrites)}");

    public void DeleteKeyspace(string keyspaceName) => Execute($"DROP KEYSPACE {Quoted(keyspaceName)}");

    public void DeleteKeyspaceIfExists(string keyspaceName) => Execute($"DROP KEYSPACE IF EXISTS {Quoted(keyspaceName)}");

    private static string Definition(string keyspace, Dictionary<string, string>? replication, bool durableWrites)
    {
        IEnumerable<string> options = (replication ?? OneCopy).Select(option => $"{Text(option.Key)}: {Text(option.Value)}");
        return $"{Quoted(keyspace)} WITH replication = {{{string.Join(", ", options)}}} AND durable_writes = {(durableWrites ? "true" : "false")}";
    }

    private static string Quoted(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Text(string value) => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";
}
