using Npgsql;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Postgres.Stores;

/// <summary>Relational data in PostgreSQL. Every method is one transaction; failures that pass by themselves leave as TransientException.</summary>
public sealed class PostgresInterviewStore(NpgsqlDataSource database) : IInterviewStore
{
    private readonly MonthPartitions _sessionMonths = new("interview_sessions");
    private readonly AppendingWriter<AnswerSubmitted> _answers = new(database, "answers", Tables.Answers);
    private readonly AppendingWriter<AuditEvent> _audit = new(database, "audit events", Tables.Audit);

    public async ValueTask WriteSessionsAsync(IReadOnlyList<SessionState> batch, CancellationToken cancellationToken)
    {
        // of several states in one batch the last is written: let it be the newest
        batch = [.. batch.OrderBy(session => session.UpdatedAtMs)];
        await _sessionMonths.EnsureAsync(database, batch.Select(session => session.CreatedAtMs), cancellationToken).ConfigureAwait(false);
        await WriteAsync("sessions", batch, async connection =>
        {
            await Tables.Tenants.UpsertAsync(connection, batch, cancellationToken).ConfigureAwait(false);
            await Tables.Candidates.UpsertAsync(connection, batch, cancellationToken).ConfigureAwait(false);
            await Tables.Sessions.UpsertAsync(connection, batch, cancellationToken).ConfigureAwait(false);
            await SessionDetails.WriteAsync(connection, batch, cancellationToken).ConfigureAwait(false);
        }, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask WriteEventsAsync(IReadOnlyList<SessionEvent> batch, CancellationToken cancellationToken) =>
        await WriteAsync("session events", batch, async connection =>
        {
            await Tables.Events.UpsertAsync(connection, batch, cancellationToken).ConfigureAwait(false);
            await SessionDetails.WriteAsync(connection, batch, cancellationToken).ConfigureAwait(false);
        }, cancellationToken).ConfigureAwait(false);

    public async ValueTask WriteAnswersAsync(IReadOnlyList<AnswerSubmitted> batch, CancellationToken cancellationToken) =>
        await _answers.WriteAsync(batch, cancellationToken).ConfigureAwait(false);

    public async ValueTask WriteTranscriptsAsync(IReadOnlyList<Transcript> batch, CancellationToken cancellationToken) =>
        await WriteAsync("transcripts", batch, async connection =>
        {
            var completed = batch.Where(transcript => transcript.Completed is not null).Select(transcript => transcript.Completed).ToArray();
            var segments = batch.Where(transcript => transcript.Segment is { Interim: false, Text.Length: > 0 }).Select(transcript => transcript.Segment).ToArray();
            // Lower revisions first: of one answer's in one batch the last is kept.
            await Tables.Transcripts.UpsertAsync(connection, [.. completed.OrderBy(transcript => transcript.Revision)], cancellationToken).ConfigureAwait(false);
            await Tables.TranscriptRevisions.UpsertAsync(connection, completed, cancellationToken).ConfigureAwait(false);
            await Tables.Segments.UpsertAsync(connection, segments, cancellationToken).ConfigureAwait(false);
        }, cancellationToken).ConfigureAwait(false);

    public async ValueTask WriteScoresAsync(IReadOnlyList<AnswerScored> batch, CancellationToken cancellationToken) =>
        await WriteAsync("scores", batch, async connection =>
        {
            // of several in one batch the last is written: let it be the highest
            AnswerScored[] rising = [.. batch.OrderBy(score => score.Revision)];
            await Tables.Scores.UpsertAsync(connection, rising, cancellationToken).ConfigureAwait(false);
            await Tables.Reviews.UpsertAsync(connection, rising, cancellationToken).ConfigureAwait(false);
        }, cancellationToken).ConfigureAwait(false);

    public async ValueTask WriteReportsAsync(IReadOnlyList<InterviewReport> batch, CancellationToken cancellationToken) =>
        await WriteAsync("reports", batch, connection => Tables.Reports.UpsertAsync(connection, batch, cancellationToken), cancellationToken).ConfigureAwait(false);

    public async ValueTask WriteAuditAsync(IReadOnlyList<AuditEvent> batch, CancellationToken cancellationToken) =>
        await _audit.WriteAsync(batch, cancellationToken).ConfigureAwait(false);

    private Task WriteAsync<T>(string what, IReadOnlyList<T> batch, Func<NpgsqlConnection, Task> write, CancellationToken cancellationToken) =>
        batch.Count == 0 ? Task.CompletedTask : Failures.WriteAsync(database, what, write, cancellationToken);
}
