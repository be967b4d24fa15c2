using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Gateway.Results;

/// <summary>A gateway without a store has no transcripts to correct.</summary>
public sealed class NoTranscripts : ITranscriptReader
{
    public Task<IReadOnlyList<TranscriptReview>> ListAsync(bool needsCorrection, ListPage page, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<TranscriptReview>>([]);

    public Task<TranscriptCompleted?> FindAsync(string answerId, CancellationToken cancellationToken) => Task.FromResult<TranscriptCompleted?>(null);
}
