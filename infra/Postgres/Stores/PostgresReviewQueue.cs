using System.Text.Json;
using Npgsql;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Postgres.Stores;

/// <summary>Reads the review queue. The rows are written with the scores, in one transaction.</summary>
public sealed class PostgresReviewQueue(NpgsqlDataSource database) : IReviewQueue
{
    private const int MaxRows = 500;

    // The month first, then the session in it, each time: joined freely, sessions might be looked for in every month's partition.
    private const string Columns = """
        SELECT r.answer_id, r.session_id, r.tenant, COALESCE(i.candidate_name, ''), COALESCE(i.position, ''), s.question_index, s.question_id,
               COALESCE(a.question_text, ''), COALESCE(NULLIF(t.text, ''), a.text, ''), COALESCE(t.confidence, 1), s.technical, s.communication,
               s.feedback, s.evidence, s.engine, s.rubric_version, s.model, s.prompt_version, s.flags, s.review_reason, s.scored_at, r.state,
               r.revision, r.reviewer, r.decision, r.decided_at, r.previous_technical, r.previous_communication
        FROM score_reviews r
        JOIN scores s ON s.answer_id = r.answer_id
        LEFT JOIN answers a ON a.answer_id = r.answer_id
        LEFT JOIN transcripts t ON t.answer_id = r.answer_id
        LEFT JOIN session_index x ON x.session_id = r.session_id
        LEFT JOIN LATERAL (SELECT candidate_name, position FROM interview_sessions WHERE session_id = r.session_id AND created_at = x.created_at LIMIT 1) i ON true

        """;

    public Task<IReadOnlyList<ReviewRow>> ListAsync(string state, int limit, CancellationToken cancellationToken) => ListAsync(state, new ListPage(limit), cancellationToken);

    public async Task<IReadOnlyList<ReviewRow>> ListAsync(string state, ListPage page, CancellationToken cancellationToken)
    {
        var decided = state == "decided";
        await using var command = database.CreateCommand();
        command.AddAll(state, Math.Clamp(page.Limit, 1, MaxRows));
        var after = "";
        if (page.AfterMs is { } afterMs)
        {
            command.AddAll(Stores.Columns.Time(afterMs), page.AfterId);
            after = decided ? "AND r.decided_at <= $3 AND (r.decided_at < $3 OR r.answer_id > $4)" : "AND (r.opened_at, r.answer_id) > ($3, $4)";
        }

        command.CommandText = $"{Columns} WHERE r.state = $1 {after} ORDER BY {(decided ? "r.decided_at DESC" : "r.opened_at")}, r.answer_id LIMIT $2";
        return await ReadAsync(command, cancellationToken).ConfigureAwait(false);
    }

    public async Task<ReviewRow?> FindAsync(string answerId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand($"{Columns} WHERE r.answer_id = $1");
        command.AddAll(answerId);
        return (await ReadAsync(command, cancellationToken).ConfigureAwait(false)).FirstOrDefault();
    }

    private static async Task<List<ReviewRow>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var rows = new List<ReviewRow>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            rows.Add(new(
                reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4), reader.GetInt32(5), reader.GetString(6),
                reader.GetString(7), reader.GetString(8), reader.GetFloat(9), reader.GetFloat(10), reader.GetFloat(11), reader.GetString(12), Strings(reader, 13),
                reader.GetString(14), reader.GetString(15), reader.GetString(16), reader.GetString(17), Strings(reader, 18), reader.GetString(19),
                reader.UnixMs(20), reader.GetString(21), reader.GetInt32(22), reader.GetString(23), reader.GetString(24), reader.UnixMs(25), reader.GetFloat(26),
                reader.GetFloat(27)));
        }

        return rows;
    }

    private static string[] Strings(NpgsqlDataReader reader, int column) => JsonSerializer.Deserialize<string[]>(reader.GetString(column)) ?? [];
}
