namespace StreamPlatform.Gateway.Resumes;

/// <summary>A gateway without a store: tasks stay as they were taken.</summary>
internal sealed class NoStoredTasks : IResumeTaskReader
{
    public Task<ResumeTaskRow?> GetTaskAsync(string taskId, CancellationToken cancellationToken) => Task.FromResult<ResumeTaskRow?>(null);

    public Task<IReadOnlyList<ResumeItemRow>> GetItemsAsync(string taskId, int from, int limit, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ResumeItemRow>>([]);
}
