using StreamPlatform.Hosting;
using StreamPlatform.Topology;
using StreamPlatform.Topology.Steps;

namespace StreamPlatform.Services;

/// <summary>Emotions to windows; everything to the report.</summary>
public static class AggregationService
{
    public static Task<IReadOnlyList<Processor>> OpenAsync(ServiceContext context, CancellationToken ct) =>
        Task.FromResult<IReadOnlyList<Processor>>([new(InterviewTopology.BuildWindows(context.Serdes)), new(InterviewTopology.BuildReports(context.Serdes, new ReportOptions()))]);
}
