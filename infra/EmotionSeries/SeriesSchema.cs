using System.Security.Cryptography;
using System.Text;
using Cassandra;
using Microsoft.Extensions.Logging;

namespace StreamPlatform.EmotionSeries;

/// <summary>
/// Keyspace and tables. Without locks: every step may be taken by several instances at once and again at any time. A table's id follows from its name, so that two nodes
/// which create it in the same moment create the same table; the client waits for schema agreement after each step.
/// </summary>
internal static class SeriesSchema
{
    // Windows of the compaction over a row's life: 20 to 50 is what TWCS is made for.
    private const int CompactionWindows = 48;

    // Longer than any bucket is filled: a row of the index outlives the rows it leads to.
    private static readonly TimeSpan IndexOutlives = TimeSpan.FromDays(1);

    private static readonly (string Table, string Columns)[] Tables =
    [
        (EmotionTable.Name, EmotionTable.Definition),
        (EmotionBuckets.Name, EmotionBuckets.Definition),
        (WindowTables.BySession, WindowTables.BySessionDefinition),
        (WindowTables.ByDay, WindowTables.ByDayDefinition),
    ];

    /// <summary>Columns that came after a table's first version, in order. None yet; never remove one, never change one.</summary>
    private static readonly (string Table, string Column, string Type)[] Added = [];

    /// <summary>Makes what is missing, and sets the retention where it differs.</summary>
    public static async Task ApplyAsync(ISession session, CassandraSeriesOptions options, ILogger logger, CancellationToken ct)
    {
        await MakeKeyspaceAsync(session, options, ct).ConfigureAwait(false);
        var present = await TimeToLiveAsync(session, options, ct).ConfigureAwait(false);
        foreach (var (table, columns) in Tables)
        {
            var seconds = Seconds(options, table);
            if (!present.TryGetValue(table, out var stored))
            {
                await RunAsync(session, $"CREATE TABLE IF NOT EXISTS {options.Keyspace}.{table} ({columns}) WITH ID = {Id(options.Keyspace, table)} AND {Settings(options, seconds)}", ct).ConfigureAwait(false);
                Log.TableCreated(logger, table);
            }
            else if (stored != seconds)
            {
                await RunAsync(session, $"ALTER TABLE {options.Keyspace}.{table} WITH {Settings(options, seconds)}", ct).ConfigureAwait(false);
                Log.RetentionChanged(logger, table, stored, seconds);
            }
        }

        foreach (var (table, column, type) in Added)
        {
            await RunAsync(session, $"ALTER TABLE {options.Keyspace}.{table} ADD IF NOT EXISTS {column} {type}", ct).ConfigureAwait(false);
        }
    }

    /// <summary>Retention of a table in seconds, as Cassandra counts it.</summary>
    internal static int Seconds(CassandraSeriesOptions options, string table) =>
        (int)(options.Retention + (table == EmotionBuckets.Name ? IndexOutlives : TimeSpan.Zero)).TotalSeconds;

    /// <summary>A version 5 style UUID of the table's full name.</summary>
    internal static Guid Id(string keyspace, string table)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes($"streamplatform/{keyspace.ToLowerInvariant()}.{table}"))[..16];
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x50);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);
    }

    private static string Settings(CassandraSeriesOptions options, int seconds) =>
        $"default_time_to_live = {seconds} AND compaction = {{'class': 'TimeWindowCompactionStrategy', 'compaction_window_unit': 'DAYS', " +
        $"'compaction_window_size': '{Math.Max(1, (int)(options.Retention.TotalDays / CompactionWindows))}'}}";

    // A keyspace that is there stays as its operator made it: replication is his.
    private static async Task MakeKeyspaceAsync(ISession session, CassandraSeriesOptions options, CancellationToken ct)
    {
        var rows = await RunAsync(session, $"SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = '{options.Keyspace.ToLowerInvariant()}'", ct).ConfigureAwait(false);
        if (rows.GetAvailableWithoutFetching() == 0)
        {
            await RunAsync(session,
                $"CREATE KEYSPACE IF NOT EXISTS {options.Keyspace} WITH replication = {{'class': 'NetworkTopologyStrategy', 'replication_factor': '{options.ReplicationFactor}'}}", ct).ConfigureAwait(false);
        }
    }

    private static async Task<Dictionary<string, int>> TimeToLiveAsync(ISession session, CassandraSeriesOptions options, CancellationToken ct)
    {
        var rows = await RunAsync(session, $"SELECT table_name, default_time_to_live FROM system_schema.tables WHERE keyspace_name = '{options.Keyspace.ToLowerInvariant()}'", ct).ConfigureAwait(false);
        return rows.ToDictionary(row => row.GetValue<string>(0), row => row.GetValue<int>(1), StringComparer.Ordinal);
    }

    private static Task<RowSet> RunAsync(ISession session, string cql, CancellationToken ct) =>
        session.ExecuteAsync(new SimpleStatement(cql).SetIdempotence(true).SetConsistencyLevel(ConsistencyLevel.LocalOne), ct);
}
