using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Services;

/// <summary>The store, and after each write the news of it.</summary>
internal sealed class InvalidatingInterviewStore(IInterviewStore store, SessionChanges changes) : IInterviewStore
{
    public ValueTask WriteSessionsAsync(IReadOnlyList<SessionState> batch, CancellationToken cancellationToken) => ThenAsync(store.WriteSessionsAsync(batch, cancellationToken), batch.Select(s => s.SessionId));

    // no cache shows events or the audit log
    public ValueTask WriteEventsAsync(IReadOnlyList<SessionEvent> batch, CancellationToken cancellationToken) => store.WriteEventsAsync(batch, cancellationToken);

    public ValueTask WriteAnswersAsync(IReadOnlyList<AnswerSubmitted> batch, CancellationToken cancellationToken) => ThenAsync(store.WriteAnswersAsync(batch, cancellationToken), batch.Select(a => a.SessionId));

    public ValueTask WriteTranscriptsAsync(IReadOnlyList<Transcript> batch, CancellationToken cancellationToken) => ThenAsync(
        store.WriteTranscriptsAsync(batch, cancellationToken), batch.Select(t => t.Completed?.SessionId ?? t.Segment?.SessionId ?? ""));

    public ValueTask WriteScoresAsync(IReadOnlyList<AnswerScored> batch, CancellationToken cancellationToken) => ThenAsync(store.WriteScoresAsync(batch, cancellationToken), batch.Select(s => s.SessionId));

    public ValueTask WriteReportsAsync(IReadOnlyList<InterviewReport> batch, CancellationToken cancellationToken) => ThenAsync(store.WriteReportsAsync(batch, cancellationToken), batch.Select(r => r.SessionId));

    public ValueTask WriteAuditAsync(IReadOnlyList<AuditEvent> batch, CancellationToken cancellationToken) => store.WriteAuditAsync(batch, cancellationToken);

    private async ValueTask ThenAsync(ValueTask written, IEnumerable<string> sessions)
    {
        await written;
        changes.Tell(sessions);
    }
}

/// <summary>The series, and after each write of windows the news of it: frames come twice a second, and their windows behind them.</summary>
internal sealed class InvalidatingSeriesStore(IEmotionSeriesStore store, SessionChanges changes) : IEmotionSeriesStore
{
    public string Name => store.Name;

    public ValueTask WriteEmotionsAsync(IReadOnlyList<EmotionObserved> batch, CancellationToken cancellationToken) => store.WriteEmotionsAsync(batch, cancellationToken);

    public async ValueTask WriteWindowsAsync(IReadOnlyList<EmotionWindow> batch, CancellationToken cancellationToken)
    {
        await store.WriteWindowsAsync(batch, cancellationToken);
        changes.Tell(batch.Select(w => w.SessionId));
    }

    public async Task DeleteSessionAsync(string sessionId, CancellationToken cancellationToken)
    {
        await store.DeleteSessionAsync(sessionId, cancellationToken);
        changes.Tell([sessionId]);
    }
}
