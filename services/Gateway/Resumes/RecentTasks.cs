namespace StreamPlatform.Gateway.Resumes;

/// <summary>A task as it was taken.</summary>
/// <param name="Resumes">Candidate and error (empty = taken) of each item, by position.</param>
internal sealed record RecentTask(string TaskId, string Tenant, string JobId, int JobVersion, IReadOnlyList<(string CandidateId, string Error)> Resumes, long RequestedAtMs);

/// <summary>The newest tasks of this gateway: the store shows a task a moment after it was taken. Safe for concurrent use.</summary>
internal sealed class RecentTasks(ResumeApiOptions options)
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, RecentTask> tasks = [];
    private readonly Queue<string> order = new();

    public void Add(RecentTask task)
    {
        lock (gate)
        {
            tasks[task.TaskId] = task;
            order.Enqueue(task.TaskId);
            if (order.Count > options.RememberedTasks)
            {
                tasks.Remove(order.Dequeue());
            }
        }
    }

    public RecentTask? Find(string taskId)
    {
        lock (gate)
        {
            return tasks.GetValueOrDefault(taskId);
        }
    }
}
