namespace StreamPlatform.Gateway.Reviews;

/// <summary>A gateway without a store has no queue.</summary>
public sealed class NoReviews : IReviewQueue
{
    public Task<IReadOnlyList<ReviewRow>> ListAsync(string state, ListPage page, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<ReviewRow>>([]);

    public Task<ReviewRow?> FindAsync(string answerId, CancellationToken cancellationToken) => Task.FromResult<ReviewRow?>(null);
}
