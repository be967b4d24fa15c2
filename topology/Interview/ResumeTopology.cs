using StreamPlatform.Schemas;
using StreamPlatform.Schemas.V1;
using StreamPlatform.Streams;
using StreamPlatform.Topology.Ports;
using StreamPlatform.Topology.Resumes;
using StreamPlatform.Topology.State;
using StreamPlatform.Topology.Steps;

namespace StreamPlatform.Topology;

/// <summary>The dataflow of resumes. Keys are candidate ids; whatever becomes of a request, one result leaves.</summary>
public static class ResumeTopology
{
    /// <summary>A provider that is down or paid out: tried again after these delays, 2 hours in all; then the dead letters.</summary>
    private static readonly RetryTopics Later = RetryTopics.After(TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30)).AtMost(5).Unordered();

    /// <summary>All that was read may wait for its turn at once: order there is by priority, here it would be by arrival.</summary>
    private static readonly StepOptions Waiting = new() { MaxConcurrency = 10_000, TimeoutMs = 3_600_000, MaxAttempts = 3 };

    /// <summary>A media store that is away for hours does not leave a resume behind whose result is out: only results of the same candidate wait meanwhile.</summary>
    private static readonly StepOptions Deleting = new() { MaxAttempts = 5_000 };

    private static readonly TimeSpan GivenUp = TimeSpan.FromDays(1);

    /// <summary>requests -> results; dead requests -> results that say why; results -> deletion of the file, audit, notifications.</summary>
    public static Streams.Topology Build(IEventSerdes serdes, ResumeEngines engines, TimeProvider time) => EventTopology.Build("resumes", serdes, app =>
    {
        app.Stream<ResumeRequested>(Topics.ResumeRequests, Later)
            .MapAsync("assess", (_, request, ct) => ResumeSteps.AssessAsync(engines, request, time, ct), Waiting).To(Topics.ResumeResults, serdes);
        app.DeadLetters(Topics.DeadLetter(Topics.ResumeRequests))
            .FlatMapValues((context, letter) => ResumeSteps.Dead(serdes.For<ResumeRequested>(), letter, context)).To(Topics.ResumeResults, serdes);

        var results = app.Stream<ResumeOptimized>(Topics.ResumeResults);
        results.FlatMapValues(ResumeNotices.OfFailure).To(Topics.Notifications, serdes);
        results.Filter((_, result) => result.FileKey.Length > 0)
            .MapAsync("delete", (_, result, ct) => ResumeSteps.DeleteAsync(engines.Media, result, time, ct), Deleting).To(Topics.Audit, serdes);
        results.Filter((_, result) => result.Bulk).SelectKey((_, result) => result.TaskId).Repartition("by-task", Serdes.Utf8, new StateSerde<ResumeOptimized>())
            .FlatMapWithState("tasks", new StateSerde<ResumeTaskTotals>(), ResumeNotices.Add, GivenUp, ResumeNotices.Idle).To(Topics.Notifications, serdes);
    });

    /// <summary>requests and results -> Postgres: the tasks that the API shows.</summary>
    public static Streams.Topology BuildStore(IEventSerdes serdes, IResumeStore store) => EventTopology.Build("resume-store", serdes, app =>
        app.Persist<ResumeRequested>(Topics.ResumeRequests, store.WriteResumeRequestsAsync)
            .Persist<ResumeOptimized>(Topics.ResumeResults, store.WriteResumeResultsAsync));
}
