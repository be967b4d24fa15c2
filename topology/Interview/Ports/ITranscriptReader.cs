using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Topology.Ports;

/// <summary>Stored transcripts, for people who correct them.</summary>
public interface ITranscriptReader
{
    /// <summary>Newest first.</summary>
    /// <param name="needsCorrection">Only those that a person should correct.</param>
    /// <param name="limit">1..500.</param>
    Task<IReadOnlyList<TranscriptReview>> ListAsync(bool needsCorrection, int limit, CancellationToken cancellationToken) => ListAsync(needsCorrection, new ListPage(limit), cancellationToken);

    /// <summary>A page of the same list: after the transcript completed at the page's time, of the page's answer.</summary>
    Task<IReadOnlyList<TranscriptReview>> ListAsync(bool needsCorrection, ListPage page, CancellationToken cancellationToken);

    /// <summary>The valid revision of an answer's transcript; null when none is stored (yet).</summary>
    Task<TranscriptCompleted?> FindAsync(string answerId, CancellationToken cancellationToken);
}

/// <summary>A transcript with what a person needs to correct it.</summary>
public sealed record TranscriptReview(string SessionId, string QuestionText, TranscriptRow Transcript);
