using StreamPlatform.Hosting;
using StreamPlatform.LanguageModels;
using StreamPlatform.Topology;

namespace StreamPlatform.Services;

/// <summary>Answers and transcripts to scores.</summary>
public static class ScoringService
{
    public static Task<IReadOnlyList<Processor>> OpenAsync(ServiceContext context, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<Processor>>([new(InterviewTopology.BuildScoring(context.Serdes, new OfflineRubric(), context.Time))]);
}
