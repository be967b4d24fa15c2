namespace StreamPlatform.Gateway.Results;

/// <summary>A gateway without a store: only what is in memory is shown.</summary>
public sealed class NoResults : IResultsReader
{
    public Task<IReadOnlyList<SessionRow>> ListSessionsAsync(SessionPage page, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<SessionRow>>([]);

    public Task<InterviewResults?> GetResultsAsync(string sessionId, CancellationToken cancellationToken) => Task.FromResult<InterviewResults?>(null);
}
