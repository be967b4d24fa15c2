using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Topology.Ports;

/// <summary>Emotion time series, one row per analysed frame. Writes are idempotent by (session, sequence) and (session, window start).</summary>
public interface IEmotionSeriesStore
{
    /// <summary>Name as shown to users: "postgres" or "cassandra".</summary>
    string Name { get; }

    ValueTask WriteEmotionsAsync(IReadOnlyList<EmotionObserved> batch, CancellationToken cancellationToken);

    ValueTask WriteWindowsAsync(IReadOnlyList<EmotionWindow> batch, CancellationToken cancellationToken);
}

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
