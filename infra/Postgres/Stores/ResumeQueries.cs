using System.Text.Json;
using Npgsql;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Postgres.Stores;

/// <summary>Reads tasks of resumes: an item is queued while only its request is stored.</summary>
public sealed class ResumeQueries(NpgsqlDataSource database) : IResumeTaskReader
{
    private const string Items = """
        SELECT coalesce(r.item_index, o.item_index), coalesce(r.candidate_id, o.candidate_id), coalesce(o.status, 'queued'), o.score, o.summary, o.optimized_text, o.evidence, o.missing, o.error,
            o.from_cache, o.engine, o.prompt_version, o.needs_human_review, o.review_reason, o.cost_usd, o.created_at
        FROM (SELECT * FROM resume_items WHERE task_id = $1) r FULL JOIN (SELECT * FROM optimizations WHERE task_id = $1) o USING (item_index)
        WHERE item_index >= $2 ORDER BY item_index LIMIT $3
        """;

    private const string Task = """
        SELECT coalesce(max(r.tenant), max(o.tenant)), coalesce(max(r.job_id), max(o.job_id)), coalesce(max(r.job_version), max(o.job_version)),
            greatest(max(r.item_count), max(o.item_count)), count(*) FILTER (WHERE o.status = 'done'), count(*) FILTER (WHERE o.status = 'failed'), count(*) FILTER (WHERE o.from_cache),
            coalesce(min(r.requested_at), min(o.created_at))
        FROM (SELECT * FROM resume_items WHERE task_id = $1) r FULL JOIN (SELECT * FROM optimizations WHERE task_id = $1) o USING (item_index)
        HAVING count(*) > 0
        """;

    public async Task<ResumeTaskRow?> GetTaskAsync(string taskId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Task);
        command.AddAll(taskId);
        await using var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        return await row.ReadAsync(cancellationToken).ConfigureAwait(false)
            ? new(taskId, row.GetString(0), row.GetString(1), row.GetInt32(2), row.GetInt32(3), (int)row.GetInt64(4), (int)row.GetInt64(5), (int)row.GetInt64(6), row.UnixMs(7))
            : null;
    }

    public async Task<IReadOnlyList<ResumeItemRow>> GetItemsAsync(string taskId, int from, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Items);
        command.AddAll(taskId, from, limit);
        List<ResumeItemRow> rows = [];
        await using var row = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await row.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            rows.Add(Item(row));
        }

        return rows;
    }

    private static ResumeItemRow Item(NpgsqlDataReader row) => row.IsDBNull(3)
        ? new(row.GetInt32(0), row.GetString(1), row.GetString(2), 0, "", "", [], [], "", false, "", "", false, "", 0, 0)
        : new(
            row.GetInt32(0), row.GetString(1), row.GetString(2), row.GetFloat(3), row.GetString(4), row.GetString(5), Strings(row.GetString(6)), Strings(row.GetString(7)), row.GetString(8),
            row.GetBoolean(9), row.GetString(10), row.GetString(11), row.GetBoolean(12), row.GetString(13), Math.Round(row.GetFloat(14), 6), row.UnixMs(15));

    private static string[] Strings(string json) => JsonSerializer.Deserialize<string[]>(json) ?? [];
}
