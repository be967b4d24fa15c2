using Microsoft.AspNetCore.Http;
using StreamPlatform.Gateway.Api;
using HttpResults = Microsoft.AspNetCore.Http.Results;

namespace StreamPlatform.Gateway.Resumes;

/// <summary>GET /api/resumes/tasks/{id}: what is stored of a task, completed by what this gateway took a moment ago.</summary>
internal sealed class ResumeTasks(IResumeTaskReader stored, RecentTasks recent)
{
    private const int MaxLimit = 1_000;

    public async Task<IResult> GetAsync(string taskId, int from, int limit, bool texts, CancellationToken cancellationToken)
    {
        if (from < 0 || limit is < 0 or > MaxLimit)
        {
            return Problems.Of(400, RefusalCodes.InvalidRequest, $"from is 0 or more, limit 0 to {MaxLimit}.");
        }

        try
        {
            var task = await stored.GetTaskAsync(taskId, cancellationToken);
            var taken = recent.Find(taskId);
            return task is null && taken is null
                ? Problems.Of(404, RefusalCodes.UnknownTask, $"No task {(UploadRules.IsId(taskId) ? taskId : "of this name")} is known.")
                : HttpResults.Ok(View(task ?? Row(taken!), Complete(await stored.GetItemsAsync(taskId, from, limit, cancellationToken), taken, from, limit), taken, from, limit, texts));
        }
        catch (Exception e) when (e is System.Data.Common.DbException or TimeoutException or IOException && !cancellationToken.IsCancellationRequested)
        {
            return Problems.Of(503, RefusalCodes.NotReady, "Tasks cannot be read now: try again in a moment.");
        }
    }

    private static object View(ResumeTaskRow task, IReadOnlyList<ResumeItemRow> items, RecentTask? taken, int from, int limit, bool texts)
    {
        // refused items are known before the store shows them
        var failed = Math.Max(task.Failed, taken?.Resumes.Count(r => r.Error.Length > 0) ?? 0);
        var ended = task.Done + failed;
        return new
        {
            taskId = task.TaskId,
            status = ended >= task.Items ? "finished" : ended > 0 ? "running" : "queued",
            jobId = task.JobId,
            jobVersion = task.JobVersion,
            requestedAtMs = task.RequestedAtMs,
            items = task.Items,
            queued = Math.Max(0, task.Items - ended),
            done = task.Done,
            failed,
            fromCache = task.FromCache,
            percent = Math.Round(100.0 * ended / Math.Max(1, task.Items), 1),
            from,
            limit,
            results = items.Select(item => texts || task.Items == 1 ? item : item with { OptimizedText = "" }),
        };
    }

    /// <summary>Adds the items that the store does not show yet.</summary>
    private static IReadOnlyList<ResumeItemRow> Complete(IReadOnlyList<ResumeItemRow> rows, RecentTask? taken, int from, int limit)
    {
        if (taken is null)
        {
            return rows;
        }

        var known = rows.ToDictionary(row => row.Index);
        return [.. Enumerable.Range(from, Math.Clamp(taken.Resumes.Count - from, 0, limit)).Select(index => known.GetValueOrDefault(index) ?? Item(index, taken.Resumes[index]))];
    }

    private static ResumeItemRow Item(int index, (string CandidateId, string Error) resume) =>
        new(index, resume.CandidateId, resume.Error.Length > 0 ? "failed" : "queued", 0, "", "", [], [], resume.Error, false, "", "", false, "", 0, 0);

    private static ResumeTaskRow Row(RecentTask taken) => new(taken.TaskId, taken.Tenant, taken.JobId, taken.JobVersion, taken.Resumes.Count, 0, 0, 0, taken.RequestedAtMs);
}
