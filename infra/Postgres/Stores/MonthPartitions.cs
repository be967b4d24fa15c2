using System.Collections.Concurrent;
using Npgsql;

namespace StreamPlatform.Postgres.Stores;

/// <summary>Makes the monthly partitions of a table before rows of a month are written; remembers which months exist.</summary>
internal sealed class MonthPartitions(string table)
{
    // Months from 2020 to 2100 and a few without a partition of their own: bounded by the calendar, and by this.
    private const int MaxRemembered = 2048;

    private readonly ConcurrentDictionary<DateTime, byte> _known = new();

    /// <summary>
    /// Commits by itself, before the transaction of the rows: a month remembered but rolled back would send its rows to the default
    /// partition, which then could no longer be split.
    /// </summary>
    public async Task EnsureAsync(NpgsqlDataSource database, IEnumerable<long> unixMs, CancellationToken cancellationToken)
    {
        var missing = unixMs.Select(ms => MonthOf(Columns.Time(ms))).Distinct().Where(month => !_known.ContainsKey(month)).ToArray();
        if (missing.Length == 0)
        {
            return;
        }

        await Failures.ClassifyAsync($"partitions of {table}", async () =>
        {
            await using var command = database.CreateCommand("SELECT ensure_month_partition($1, month) FROM unnest($2) AS month");
            command.Parameters.Add(new() { Value = table });
            command.Parameters.Add(new() { Value = missing });
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
        if (_known.Count >= MaxRemembered)
        {
            _known.Clear();
        }

        foreach (var month in missing)
        {
            _known[month] = 0;
        }
    }

    internal static DateTime MonthOf(DateTime time) => new(time.Year, time.Month, 1, 0, 0, 0, DateTimeKind.Utc);
}
