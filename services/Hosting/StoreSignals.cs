using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Ladder;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Hosting;

/// <summary>Tells the ladder whether the sinks can store. A batch that no attempt can store says nothing about the store.</summary>
public static class StoreSignals
{
    /// <summary>The store, watched.</summary>
    public static IInterviewStore Watch(IInterviewStore store, SignalBoard board) => new WatchedInterviews(store, board);

    /// <summary>The series store, watched apart: it may be another database.</summary>
    public static IEmotionSeriesStore Watch(IEmotionSeriesStore store, SignalBoard board) => new WatchedSeries(store, board);

    private static async ValueTask WriteAsync(SignalBoard board, string source, ValueTask write)
    {
        try
        {
            await write;
            board.Report(LadderComponent.Storage, true, source);
        }
        catch (TransientException)
        {
            board.Report(LadderComponent.Storage, false, source);
            throw;
        }
    }

    private sealed class WatchedInterviews(IInterviewStore store, SignalBoard board) : IInterviewStore
    {
        public ValueTask WriteSessionsAsync(IReadOnlyList<SessionState> batch, CancellationToken cancellationToken) => Watched(store.WriteSessionsAsync(batch, cancellationToken));

        public ValueTask WriteEventsAsync(IReadOnlyList<SessionEvent> batch, CancellationToken cancellationToken) => Watched(store.WriteEventsAsync(batch, cancellationToken));

        public ValueTask WriteAnswersAsync(IReadOnlyList<AnswerSubmitted> batch, CancellationToken cancellationToken) => Watched(store.WriteAnswersAsync(batch, cancellationToken));

        public ValueTask WriteTranscriptsAsync(IReadOnlyList<Transcript> batch, CancellationToken cancellationToken) => Watched(store.WriteTranscriptsAsync(batch, cancellationToken));

        public ValueTask WriteScoresAsync(IReadOnlyList<AnswerScored> batch, CancellationToken cancellationToken) => Watched(store.WriteScoresAsync(batch, cancellationToken));

        public ValueTask WriteReportsAsync(IReadOnlyList<InterviewReport> batch, CancellationToken cancellationToken) => Watched(store.WriteReportsAsync(batch, cancellationToken));

        public ValueTask WriteAuditAsync(IReadOnlyList<AuditEvent> batch, CancellationToken cancellationToken) => Watched(store.WriteAuditAsync(batch, cancellationToken));

        private ValueTask Watched(ValueTask write) => WriteAsync(board, "sink of interviews", write);
    }

    private sealed class WatchedSeries(IEmotionSeriesStore store, SignalBoard board) : IEmotionSeriesStore
    {
        public string Name => store.Name;

        public ValueTask WriteEmotionsAsync(IReadOnlyList<EmotionObserved> batch, CancellationToken cancellationToken) => Watched(store.WriteEmotionsAsync(batch, cancellationToken));

        public ValueTask WriteWindowsAsync(IReadOnlyList<EmotionWindow> batch, CancellationToken cancellationToken) => Watched(store.WriteWindowsAsync(batch, cancellationToken));

        public Task DeleteSessionAsync(string sessionId, CancellationToken cancellationToken) => store.DeleteSessionAsync(sessionId, cancellationToken);

        private ValueTask Watched(ValueTask write) => WriteAsync(board, "sink of emotions", write);
    }
}
