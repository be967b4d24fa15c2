using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Topology.Ports;

/// <summary>Relational data. Every write is an idempotent upsert by the record's deterministic id; order within a batch is kept.</summary>
public interface IInterviewStore
{
    ValueTask WriteSessionsAsync(IReadOnlyList<SessionState> batch, CancellationToken cancellationToken);

    ValueTask WriteEventsAsync(IReadOnlyList<SessionEvent> batch, CancellationToken cancellationToken);

    ValueTask WriteAnswersAsync(IReadOnlyList<AnswerSubmitted> batch, CancellationToken cancellationToken);

    ValueTask WriteTranscriptsAsync(IReadOnlyList<Transcript> batch, CancellationToken cancellationToken);

    ValueTask WriteScoresAsync(IReadOnlyList<AnswerScored> batch, CancellationToken cancellationToken);

    ValueTask WriteReportsAsync(IReadOnlyList<InterviewReport> batch, CancellationToken cancellationToken);

    ValueTask WriteAuditAsync(IReadOnlyList<AuditEvent> batch, CancellationToken cancellationToken);
}
