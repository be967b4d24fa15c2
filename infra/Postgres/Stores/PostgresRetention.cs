using System.Runtime.ExceptionServices;
using Npgsql;

namespace StreamPlatform.Postgres.Stores;

/// <summary>Deletes rows whose time is over: whole months of partitioned tables by dropping them, other rows in small batches. Bounded per run; the next run goes on.</summary>
public sealed class PostgresRetention(NpgsqlDataSource database, RowRetention retention, TimeProvider time)
{
    private const long RunLock = 0x5350_5245_5445_4e54; // "SPRETENT"

    // a search without an index may take longer than the pool allows
    private const int StatementSeconds = 120;

    // Segments and revisions have no time of their own: they go with their transcript.
    private const string DeleteTranscripts = """
        WITH old AS (DELETE FROM transcripts WHERE ctid = ANY (ARRAY(SELECT ctid FROM transcripts WHERE completed_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)) RETURNING answer_id, session_id, question_index),
             segments AS (DELETE FROM transcript_segments s USING old WHERE s.session_id = old.session_id AND s.question_index = old.question_index),
             revisions AS (DELETE FROM transcript_revisions r USING old WHERE r.answer_id = old.answer_id)
        SELECT count(*)::int FROM old
        """;

    private static readonly string SetStatementTimeout = $"SET LOCAL statement_timeout = '{StatementSeconds}s'";

    // Plain tables and default partitions only: a ctid means one row in one table, not in all the partitions of one.
    private static readonly (string Table, string Time)[] LikeTranscripts =
        [("answers", "submitted_at"), ("session_events", "at"), ("emotion_windows_other", "end_at"), ("emotion_observations_other", "captured_at")];

    private static readonly (string Table, string Time)[] LikeEvaluations =
    [
        ("scores", "scored_at"), ("score_reviews", "opened_at"), ("reports", "completed_at"), ("optimizations", "created_at"), ("resume_items", "requested_at"),
        ("interview_sessions_other", "created_at"), ("questions", "updated_at"), ("consents", "changed_at"), ("audit_events", "at"),
    ];

    /// <summary>Runs the work unless another process is at it.</summary>
    /// <returns>False when another one is.</returns>
    /// <exception cref="Streams.TransientException">The database cannot be asked now.</exception>
    public async Task<bool> AloneAsync(Func<Task> work, CancellationToken cancellationToken)
    {
        NpgsqlConnection? connection = null;
        var held = false;
        try
        {
            await Failures.ClassifyAsync("the lock of the clean-up", async () =>
            {
                connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
                await using var take = new NpgsqlCommand("SELECT pg_try_advisory_lock($1)", connection) { Parameters = { new() { Value = RunLock } } };
                held = (bool)(await take.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
            }).ConfigureAwait(false);
            if (held)
            {
                await work().ConfigureAwait(false);
            }

            return held;
        }
        finally
        {
            if (connection is not null)
            {
                await ReleaseAsync(connection, held).ConfigureAwait(false);
            }
        }
    }

    /// <summary>
    /// One run: each table on its own, one that fails keeps no other from its turn. Returns what it deleted, by table; dropped months count their rows as the statistics
    /// estimate them.
    /// </summary>
    /// <param name="failed">Told of each failure. Null: the first one is thrown at the end.</param>
    /// <exception cref="Streams.TransientException">The database cannot be asked now, and nobody else is told.</exception>
    public async Task<IReadOnlyDictionary<string, long>> RunAsync(CancellationToken cancellationToken, Action<Exception>? failed = null)
    {
        SortedDictionary<string, long> deleted = new(StringComparer.Ordinal);
        ExceptionDispatchInfo? first = null;
        foreach (var step in Steps(deleted, cancellationToken))
        {
            try
            {
                await step().ConfigureAwait(false);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested || e is not OperationCanceledException)
            {
                first ??= ExceptionDispatchInfo.Capture(e);
                failed?.Invoke(e);
            }
        }

        if (failed is null)
        {
            first?.Throw();
        }

        return deleted;
    }

    /// <summary>What an index serves comes first: a search that takes long then keeps only others of its kind waiting.</summary>
    private IEnumerable<Func<Task>> Steps(SortedDictionary<string, long> deleted, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow().UtcDateTime;
        var transcripts = now.AddDays(-retention.TranscriptDays);
        var evaluations = now.AddDays(-retention.EvaluationDays);
        Func<Task> Rows((string Table, string Time) rows, DateTime before) => () => DeleteAsync(rows.Table, SqlOf(rows), before, deleted, cancellationToken);
        return
        [
            Rows(("ai_spending", "updated_at"), now.AddMonths(-retention.SpendingMonths)),
            Rows(("resume_client_usage", "minute"), now.AddHours(-retention.QuotaHours)),
            () => DropMonthsAsync("emotion_observations", transcripts, deleted, cancellationToken),
            () => DropMonthsAsync("emotion_windows", transcripts, deleted, cancellationToken),
            () => DropMonthsAsync("interview_sessions", evaluations, deleted, cancellationToken),
            () => DeleteAsync("transcripts", DeleteTranscripts, transcripts, deleted, cancellationToken),
            .. LikeTranscripts.Select(rows => Rows(rows, transcripts)),
            .. LikeEvaluations.Select(rows => Rows(rows, evaluations)),
            Rows(("session_index", "created_at"), MonthPartitions.MonthOf(evaluations)), // as long as the month's partition
        ];
    }

    // locked first: a row that is written in the same moment is looked at again, or passed over
    private static string SqlOf((string Table, string Time) rows) => $"""
        WITH old AS (DELETE FROM {rows.Table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM {rows.Table} WHERE {rows.Time} < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)) RETURNING 1)
        SELECT count(*)::int FROM old
        """;

    private async Task DeleteAsync(string table, string sql, DateTime before, SortedDictionary<string, long> deleted, CancellationToken cancellationToken)
    {
        for (var full = true; full && deleted.Values.Sum() < retention.MaxRows;)
        {
            var rows = 0;
            await Failures.WriteAsync(database, $"the deletion of old rows of {table}", async connection =>
            {
                await using (var bound = new NpgsqlCommand(SetStatementTimeout, connection))
                {
                    await bound.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
                }

                // the server decides; this is for one that no longer answers
                await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = StatementSeconds + 10 };
                command.Parameters.Add(new() { Value = before });
                command.Parameters.Add(new() { Value = retention.BatchRows });
                rows = (int)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
            }, cancellationToken).ConfigureAwait(false);
            Add(deleted, table, rows);
            full = rows == retention.BatchRows;
        }
    }

    /// <summary>Months that ended before the time. The lock that DROP needs is waited for only shortly: a long query is not made to hold up the sinks behind it.</summary>
    private async Task DropMonthsAsync(string parent, DateTime before, SortedDictionary<string, long> deleted, CancellationToken cancellationToken)
    {
        var monthBegan = MonthPartitions.MonthOf(before);
        await Failures.ClassifyAsync($"the deletion of old months of {parent}", async () =>
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
            List<(string Name, long Rows)> months = [];
            await using (var list = new NpgsqlCommand(
                "SELECT c.relname, greatest(0, c.reltuples)::bigint FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = $1::regclass AND c.relname ~ '_[0-9]{4}_[0-9]{2}$' AND right(c.relname, 7) < $2 ORDER BY 1",
                connection) { Parameters = { new() { Value = parent }, new() { Value = monthBegan.ToString("yyyy_MM", System.Globalization.CultureInfo.InvariantCulture) } } })
            {
                await using var reader = await list.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    months.Add((reader.GetString(0), reader.GetInt64(1)));
                }
            }

            foreach (var (name, rows) in months)
            {
                await using var drop = new NpgsqlCommand($"SET lock_timeout = '2s'; DROP TABLE IF EXISTS \"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"; RESET lock_timeout", connection);
                await drop.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
                Add(deleted, parent, Math.Max(1, rows));
            }
        }).ConfigureAwait(false);
    }

    private static void Add(SortedDictionary<string, long> deleted, string table, long rows)
    {
        if (rows > 0)
        {
            deleted[table] = deleted.GetValueOrDefault(table) + rows;
        }
    }

    private static async Task ReleaseAsync(NpgsqlConnection connection, bool held)
    {
        await using (connection)
        {
            if (held && connection.FullState.HasFlag(System.Data.ConnectionState.Open))
            {
                try
                {
                    await using var release = new NpgsqlCommand("SELECT pg_advisory_unlock($1)", connection) { Parameters = { new() { Value = RunLock } } };
                    await release.ExecuteNonQueryAsync(CancellationToken.None).ConfigureAwait(false);
                }
                catch (NpgsqlException)
                {
                    // the connection is gone, and the lock with it
                }
            }
        }
    }
}
