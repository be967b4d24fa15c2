using Google.Protobuf;
using Npgsql;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Postgres.Stores;

/// <summary>Reads stored transcripts one by one, whatever their session.</summary>
public sealed class TranscriptQueries(NpgsqlDataSource database) : ITranscriptReader
{
    private const int MaxTranscripts = 500;

    private const string Columns = """
        SELECT answer_id, session_id, tenant, question, text, confidence, engine, speech_ms, audio_ms, segments, completed_at, needs_correction,
            revision, corrected_by, correction_reason, onset_ms, pauses, longest_pause_ms, words, words_per_minute FROM transcripts
        """;

    private static readonly JsonParser Json = new(JsonParser.Settings.Default.WithIgnoreUnknownFields(true));

    public Task<IReadOnlyList<TranscriptReview>> ListAsync(bool needsCorrection, int limit, CancellationToken cancellationToken) => ListAsync(needsCorrection, new ListPage(limit), cancellationToken);

    public async Task<IReadOnlyList<TranscriptReview>> ListAsync(bool needsCorrection, ListPage page, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand();
        command.AddAll(Math.Clamp(page.Limit, 1, MaxTranscripts));
        List<string> where = needsCorrection ? ["needs_correction"] : [];
        if (page.AfterMs is { } afterMs)
        {
            command.AddAll(Stores.Columns.Time(afterMs), page.AfterId);
            where.Add("completed_at <= $2 AND (completed_at < $2 OR answer_id > $3)");
        }

        command.CommandText = $"{Columns}{(where.Count > 0 ? " WHERE " + string.Join(" AND ", where) : "")} ORDER BY completed_at DESC, answer_id LIMIT $1";
        var found = await ReadAsync(command, cancellationToken).ConfigureAwait(false);
        return [.. found.Select(t => new TranscriptReview(t.SessionId, t.Question.Text, TranscriptRow.Of(t)))];
    }

    public async Task<TranscriptCompleted?> FindAsync(string answerId, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(Columns + " WHERE answer_id = $1");
        command.AddAll(answerId);
        return (await ReadAsync(command, cancellationToken).ConfigureAwait(false)).FirstOrDefault();
    }

    private static async Task<List<TranscriptCompleted>> ReadAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        var rows = new List<TranscriptCompleted>();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            rows.Add(Transcript(reader));
        }

        return rows;
    }

    private static TranscriptCompleted Transcript(NpgsqlDataReader r) => new()
    {
        AnswerId = r.GetString(0),
        SessionId = r.GetString(1),
        Tenant = r.GetString(2),
        Question = Json.Parse<Question>(r.GetString(3)),
        Text = r.GetString(4),
        Confidence = r.GetFloat(5),
        Engine = r.GetString(6),
        SpeechMs = r.GetInt64(7),
        AudioMs = r.GetInt64(8),
        Segments = r.GetInt32(9),
        CompletedAtMs = r.UnixMs(10),
        NeedsCorrection = r.GetBoolean(11),
        Revision = r.GetInt32(12),
        CorrectedBy = r.GetString(13),
        CorrectionReason = r.GetString(14),
        Features = new()
        {
            TalkMs = r.GetInt64(7),
            SilenceMs = Math.Max(0, r.GetInt64(8) - r.GetInt64(7)),
            OnsetMs = r.GetInt64(15),
            Pauses = r.GetInt32(16),
            LongestPauseMs = r.GetInt64(17),
            Words = r.GetInt32(18),
            WordsPerMinute = r.GetFloat(19),
        },
    };
}
