using StreamPlatform.Schemas.V1;

namespace StreamPlatform.Topology.Ports;

/// <summary>What became of each resume. Writes are idempotent by (task, item).</summary>
public interface IResumeStore
{
    /// <summary>Stores which resumes were asked for; neither their text nor the job's.</summary>
    ValueTask WriteResumeRequestsAsync(IReadOnlyList<ResumeRequested> batch, CancellationToken cancellationToken);

    ValueTask WriteResumeResultsAsync(IReadOnlyList<ResumeOptimized> batch, CancellationToken cancellationToken);
}

/// <summary>
/// Results by candidate, job and job version. A new version of a job makes the results of older ones unreachable, and storing its first result removes them.
/// </summary>
public interface IResumeCache
{
    /// <summary>The result for exactly this key if it is not older than 7 days; else null.</summary>
    /// <exception cref="Streams.TransientException">The store cannot be asked now.</exception>
    ValueTask<ResumeOptimized?> FindAsync(ResumeKey key, CancellationToken cancellationToken);

    /// <summary>Keeps a result for 7 days and removes those of older versions of the job.</summary>
    /// <exception cref="Streams.TransientException">The store cannot take it now.</exception>
    ValueTask PutAsync(ResumeKey key, ResumeOptimized result, CancellationToken cancellationToken);
}

/// <summary>What a result depends on.</summary>
/// <param name="ContentHash">SHA-256 over job text, resume, engine and prompt version: a candidate's other resume, or a job changed without a new version, is never answered with an old result.</param>
public sealed record ResumeKey(string Tenant, string CandidateId, string JobId, int JobVersion, string ContentHash);

/// <summary>Stored tasks, as the API shows them.</summary>
public interface IResumeTaskReader
{
    /// <summary>Counts of a task; null when none of its items is stored (yet).</summary>
    Task<ResumeTaskRow?> GetTaskAsync(string taskId, CancellationToken cancellationToken);

    /// <summary>Items of a task by their position, from <paramref name="from"/>, at most <paramref name="limit"/>.</summary>
    Task<IReadOnlyList<ResumeItemRow>> GetItemsAsync(string taskId, int from, int limit, CancellationToken cancellationToken);
}

/// <param name="Items">Resumes of the task.</param>
/// <param name="RequestedAtMs">Unix milliseconds.</param>
public sealed record ResumeTaskRow(string TaskId, string Tenant, string JobId, int JobVersion, int Items, int Done, int Failed, int FromCache, long RequestedAtMs);

/// <param name="State">"queued", "done" or "failed".</param>
/// <param name="FinishedAtMs">Unix milliseconds; 0 = not yet.</param>
public sealed record ResumeItemRow(
    int Index, string CandidateId, string State, float Score, string Summary, string OptimizedText, IReadOnlyList<string> Evidence, IReadOnlyList<string> Missing, string Error,
    bool FromCache, string Engine, string PromptVersion, bool NeedsHumanReview, string ReviewReason, double CostUsd, long FinishedAtMs);
