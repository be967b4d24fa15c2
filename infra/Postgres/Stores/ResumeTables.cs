using StreamPlatform.Schemas.V1;
using static StreamPlatform.Postgres.Stores.Columns;

namespace StreamPlatform.Postgres.Stores;

/// <summary>How requests and results of resumes become rows.</summary>
internal static class ResumeTables
{
    public static readonly TableWriter<ResumeRequested> Items = new("resume_items", null,
        Key<ResumeRequested>("task_id", r => r.TaskId),
        IntKey<ResumeRequested>("item_index", r => r.ItemIndex),
        Text<ResumeRequested>("tenant", r => r.Tenant),
        Text<ResumeRequested>("candidate_id", r => r.CandidateId),
        Text<ResumeRequested>("job_id", r => r.JobId),
        Int<ResumeRequested>("job_version", r => r.JobVersion),
        Int<ResumeRequested>("item_count", r => Math.Max(1, r.ItemCount)),
        At<ResumeRequested>("requested_at", r => r.RequestedAtMs));

    // A result replaces an error (a dead letter that was replayed), never the other way round.
    public static readonly TableWriter<ResumeOptimized> Optimizations = new("optimizations", "excluded.status = 'done' OR optimizations.status = 'failed'",
        Key<ResumeOptimized>("task_id", r => r.TaskId),
        IntKey<ResumeOptimized>("item_index", r => r.ItemIndex),
        Text<ResumeOptimized>("tenant", r => r.Tenant),
        Text<ResumeOptimized>("candidate_id", r => r.CandidateId),
        Text<ResumeOptimized>("job_id", r => r.JobId),
        Int<ResumeOptimized>("job_version", r => r.JobVersion),
        Int<ResumeOptimized>("item_count", r => Math.Max(1, r.ItemCount)),
        Text<ResumeOptimized>("status", r => r.Error.Length == 0 ? "done" : "failed"),
        Real<ResumeOptimized>("score", r => r.Score),
        Text<ResumeOptimized>("summary", r => r.Summary),
        Text<ResumeOptimized>("optimized_text", r => r.OptimizedText),
        Strings<ResumeOptimized>("evidence", r => r.Evidence),
        Strings<ResumeOptimized>("missing", r => r.Missing),
        Text<ResumeOptimized>("error", r => r.Error),
        Bool<ResumeOptimized>("from_cache", r => r.FromCache),
        Text<ResumeOptimized>("engine", r => r.Engine),
        Text<ResumeOptimized>("prompt_version", r => r.PromptVersion),
        Bool<ResumeOptimized>("needs_human_review", r => r.NeedsHumanReview),
        Text<ResumeOptimized>("review_reason", r => r.ReviewReason),
        Real<ResumeOptimized>("cost_usd", r => (float)r.CostUsd),
        At<ResumeOptimized>("created_at", r => r.FinishedAtMs));
}
