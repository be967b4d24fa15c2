using Npgsql;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Postgres.Stores;

/// <summary>The catalogue of media in table media_objects. Failures that pass by themselves leave as TransientException.</summary>
public sealed class PostgresMediaCatalog(NpgsqlDataSource database) : IMediaCatalog
{
    private const int MaxOfSession = 1_000;

    private const string Columns = "object_key, kind, owner, tenant, session_id, candidate_id, name, content_type, sha256, bytes, key_id, created_at, delete_after, state = 'missing', question_index, first_sequence, last_sequence, duration_ms";

    public async Task<bool> AddAsync(MediaEntry entry, CancellationToken cancellationToken) => await ExecuteAsync(
        """
        INSERT INTO media_objects (object_key, kind, owner, tenant, session_id, candidate_id, name, content_type, sha256, bytes, key_id, created_at, delete_after, state, seen_at,
            question_index, first_sequence, last_sequence, duration_ms)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'kept', $12, $14, $15, $16, $17) ON CONFLICT DO NOTHING
        """,
        cancellationToken,
        entry.Key, entry.Kind, entry.Owner, entry.Tenant, entry.SessionId, entry.CandidateId, entry.Name, entry.ContentType, entry.Sha256, entry.Bytes, entry.KeyId,
        Stores.Columns.Time(entry.CreatedAtMs), Stores.Columns.Time(entry.DeleteAfterMs),
        OrNull(entry.Part?.QuestionIndex), OrNull(entry.Part?.FirstSequence), OrNull(entry.Part?.LastSequence), OrNull(entry.Part?.DurationMs)).ConfigureAwait(false) > 0;

    public async Task<MediaEntry?> FindAsync(string key, CancellationToken cancellationToken) =>
        (await EntriesAsync($"SELECT {Columns} FROM media_objects WHERE object_key = $1 AND state <> 'deleting'", cancellationToken, key).ConfigureAwait(false)).FirstOrDefault();

    public async Task<IReadOnlyList<MediaEntry>> OfSessionAsync(string sessionId, CancellationToken cancellationToken) =>
        await EntriesAsync($"SELECT {Columns} FROM media_objects WHERE session_id = $1 AND state <> 'deleting' ORDER BY created_at, first_sequence LIMIT {MaxOfSession}", cancellationToken, sessionId).ConfigureAwait(false);

    public Task<int> MarkSessionAsync(string sessionId, CancellationToken cancellationToken) =>
        ExecuteAsync("UPDATE media_objects SET state = 'deleting' WHERE session_id = $1 AND state <> 'deleting'", cancellationToken, sessionId);

    public async Task<IReadOnlyList<MediaEntry>> TakeDueAsync(long nowMs, int limit, CancellationToken cancellationToken)
    {
        await ExecuteAsync(
            "UPDATE media_objects SET state = 'deleting' WHERE object_key IN (SELECT object_key FROM media_objects WHERE delete_after <= $1 AND state <> 'deleting' ORDER BY delete_after LIMIT $2)",
            cancellationToken, Stores.Columns.Time(nowMs), limit).ConfigureAwait(false);
        return await EntriesAsync($"SELECT {Columns} FROM media_objects WHERE state = 'deleting' ORDER BY object_key LIMIT $1", cancellationToken, limit).ConfigureAwait(false);
    }

    public Task RemoveAsync(string key, CancellationToken cancellationToken) => ExecuteAsync("DELETE FROM media_objects WHERE object_key = $1", cancellationToken, key);

    // an object that was missing and is there again (a store that was restored) is kept again
    public async Task<IReadOnlySet<string>> SeenAsync(IReadOnlyList<string> keys, long nowMs, CancellationToken cancellationToken) =>
        (await KeysAsync(
            "UPDATE media_objects SET seen_at = $2, state = CASE state WHEN 'missing' THEN 'kept' ELSE state END WHERE object_key = ANY ($1) RETURNING object_key",
            cancellationToken, keys.ToArray(), Stores.Columns.Time(nowMs)).ConfigureAwait(false)).ToHashSet(StringComparer.Ordinal);

    public async Task<IReadOnlyList<string>> UnseenAsync(long createdBeforeMs, long seenBeforeMs, int limit, CancellationToken cancellationToken) =>
        await KeysAsync(
            "SELECT object_key FROM media_objects WHERE state = 'kept' AND seen_at < $2 AND created_at < $1 ORDER BY seen_at LIMIT $3",
            cancellationToken, Stores.Columns.Time(createdBeforeMs), Stores.Columns.Time(seenBeforeMs), limit).ConfigureAwait(false);

    public Task MarkMissingAsync(string key, long nowMs, CancellationToken cancellationToken) =>
        ExecuteAsync("UPDATE media_objects SET state = 'missing', seen_at = $2 WHERE object_key = $1 AND state = 'kept'", cancellationToken, key, Stores.Columns.Time(nowMs));

    private async Task<int> ExecuteAsync(string sql, CancellationToken cancellationToken, params object[] values)
    {
        var rows = 0;
        await Failures.ClassifyAsync("a change of the media catalogue", async () =>
        {
            await using var command = Command(sql, values);
            rows = await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
        return rows;
    }

    private Task<List<MediaEntry>> EntriesAsync(string sql, CancellationToken cancellationToken, params object[] values) => ReadAsync(
        sql,
        r => new MediaEntry(
            r.GetString(0), r.GetString(1), r.GetString(2), r.GetString(3), r.GetString(4), r.GetString(5), r.GetString(6), r.GetString(7), r.GetString(8), r.GetInt64(9), r.GetString(10),
            r.UnixMs(11), r.UnixMs(12), r.GetBoolean(13),
            r.IsDBNull(14) ? null : new AnswerPart(r.GetInt32(14), r.GetInt64(15), r.GetInt64(16), r.GetInt64(17))),
        cancellationToken, values);

    private Task<List<string>> KeysAsync(string sql, CancellationToken cancellationToken, params object[] values) => ReadAsync(sql, r => r.GetString(0), cancellationToken, values);

    private async Task<List<T>> ReadAsync<T>(string sql, Func<NpgsqlDataReader, T> map, CancellationToken cancellationToken, object[] values)
    {
        List<T> rows = [];
        await Failures.ClassifyAsync("a question to the media catalogue", async () =>
        {
            await using var command = Command(sql, values);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                rows.Add(map(reader));
            }
        }).ConfigureAwait(false);
        return rows;
    }

    private NpgsqlCommand Command(string sql, object[] values)
    {
        var command = database.CreateCommand(sql);
        command.AddAll(values);
        return command;
    }

    private static object OrNull<T>(T? value) where T : struct => value is { } given ? given : DBNull.Value;
}
