using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Hosting;

/// <summary>The store, and after each write who wants to know of it. The actions are quick and throw nothing: the sink waits for them.</summary>
public sealed class ToldInterviewStore(IInterviewStore store, params Action<StoreWrite>[] after) : IInterviewStore
{
    public ValueTask WriteSessionsAsync(IReadOnlyList<SessionState> batch, CancellationToken cancellationToken) => Told(store.WriteSessionsAsync(batch, cancellationToken), batch.Select(s => s.SessionId));

    // no cache shows events or the audit log
    public ValueTask WriteEventsAsync(IReadOnlyList<SessionEvent> batch, CancellationToken cancellationToken) => Told(store.WriteEventsAsync(batch, cancellationToken), []);

    public ValueTask WriteAnswersAsync(IReadOnlyList<AnswerSubmitted> batch, CancellationToken cancellationToken) => Told(store.WriteAnswersAsync(batch, cancellationToken), batch.Select(a => a.SessionId));

    public ValueTask WriteTranscriptsAsync(IReadOnlyList<Transcript> batch, CancellationToken cancellationToken) =>
        Told(store.WriteTranscriptsAsync(batch, cancellationToken), batch.Select(t => t.Completed?.SessionId ?? t.Segment?.SessionId ?? ""));

    public ValueTask WriteScoresAsync(IReadOnlyList<AnswerScored> batch, CancellationToken cancellationToken) => Told(store.WriteScoresAsync(batch, cancellationToken), batch.Select(s => s.SessionId));

    public ValueTask WriteReportsAsync(IReadOnlyList<InterviewReport> batch, CancellationToken cancellationToken) => Told(store.WriteReportsAsync(batch, cancellationToken), batch.Select(r => r.SessionId));

    public ValueTask WriteAuditAsync(IReadOnlyList<AuditEvent> batch, CancellationToken cancellationToken) => Told(store.WriteAuditAsync(batch, cancellationToken), []);

    private ValueTask Told(ValueTask write, IEnumerable<string> sessions) => new(StoreWrite.TellAsync(write.AsTask(), StoreWrite.Interviews, sessions, after));
}

/// <summary>The series, and after each write who wants to know of it. Frames come twice a second and their windows behind them: only windows change what is cached.</summary>
public sealed class ToldSeriesStore(IEmotionSeriesStore store, params Action<StoreWrite>[] after) : IEmotionSeriesStore
{
    public string Name => store.Name;

    public ValueTask WriteEmotionsAsync(IReadOnlyList<EmotionObserved> batch, CancellationToken cancellationToken) => new(Told(store.WriteEmotionsAsync(batch, cancellationToken).AsTask(), []));

    public ValueTask WriteWindowsAsync(IReadOnlyList<EmotionWindow> batch, CancellationToken cancellationToken) =>
        new(Told(store.WriteWindowsAsync(batch, cancellationToken).AsTask(), batch.Select(w => w.SessionId)));

    public Task DeleteSessionAsync(string sessionId, CancellationToken cancellationToken) => Told(store.DeleteSessionAsync(sessionId, cancellationToken), [sessionId]);

    private Task Told(Task write, IEnumerable<string> sessions) => StoreWrite.TellAsync(write, StoreWrite.Emotions, sessions, after);
}
