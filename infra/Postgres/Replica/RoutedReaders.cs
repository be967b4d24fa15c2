using StreamPlatform.Schemas.V1;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Postgres.Replica;

/// <summary>Results by way of the router.</summary>
public sealed class RoutedResults(ReadRouter router, IResultsReader replica, IResultsReader primary) : IResultsReader
{
    public Task<IReadOnlyList<SessionRow>> ListSessionsAsync(SessionPage page, CancellationToken cancellationToken) =>
        router.ReadAsync(replica, primary, reader => reader.ListSessionsAsync(page, cancellationToken));

    public Task<InterviewResults?> GetResultsAsync(string sessionId, CancellationToken cancellationToken) =>
        router.ReadAsync(replica, primary, reader => reader.GetResultsAsync(sessionId, cancellationToken));

    public Task<InterviewReport?> GetReportAsync(string sessionId, CancellationToken cancellationToken) =>
        router.ReadAsync(replica, primary, reader => reader.GetReportAsync(sessionId, cancellationToken));
}

/// <summary>The review queue by way of the router.</summary>
public sealed class RoutedReviews(ReadRouter router, IReviewQueue replica, IReviewQueue primary) : IReviewQueue
{
    public Task<IReadOnlyList<ReviewRow>> ListAsync(string state, ListPage page, CancellationToken cancellationToken) =>
        router.ReadAsync(replica, primary, reader => reader.ListAsync(state, page, cancellationToken));

    public Task<ReviewRow?> FindAsync(string answerId, CancellationToken cancellationToken) =>
        router.ReadAsync(replica, primary, reader => reader.FindAsync(answerId, cancellationToken));
}

/// <summary>Transcripts by way of the router.</summary>
public sealed class RoutedTranscripts(ReadRouter router, ITranscriptReader replica, ITranscriptReader primary) : ITranscriptReader
{
    public Task<IReadOnlyList<TranscriptReview>> ListAsync(bool needsCorrection, ListPage page, CancellationToken cancellationToken) =>
        router.ReadAsync(replica, primary, reader => reader.ListAsync(needsCorrection, page, cancellationToken));

    public Task<TranscriptCompleted?> FindAsync(string answerId, CancellationToken cancellationToken) =>
        router.ReadAsync(replica, primary, reader => reader.FindAsync(answerId, cancellationToken));
}

/// <summary>Tasks of resumes by way of the router.</summary>
public sealed class RoutedResumeTasks(ReadRouter router, IResumeTaskReader replica, IResumeTaskReader primary) : IResumeTaskReader
{
    public Task<ResumeTaskRow?> GetTaskAsync(string taskId, CancellationToken cancellationToken) =>
        router.ReadAsync(replica, primary, reader => reader.GetTaskAsync(taskId, cancellationToken));

    public Task<IReadOnlyList<ResumeItemRow>> GetItemsAsync(string taskId, int from, int limit, CancellationToken cancellationToken) =>
        router.ReadAsync(replica, primary, reader => reader.GetItemsAsync(taskId, from, limit, cancellationToken));
}
