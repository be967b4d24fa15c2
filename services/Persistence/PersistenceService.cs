using StreamPlatform.Hosting;
using StreamPlatform.Streams;
using StreamPlatform.Topology;

namespace StreamPlatform.Services;

/// <summary>Every topic that people query to the stores.</summary>
public static class PersistenceService
{
    public static async Task<IReadOnlyList<Processor>> OpenAsync(ServiceContext context, CancellationToken ct)
    {
        var stores = await context.StoresAsync(ct);
        RetentionWorker.Start(context, stores);
        var changes = new SessionChanges(context.Keep(new EventPublisher(context)), await context.CachesAsync(), context.Time);
        return
        [
            new(
                InterviewTopology.BuildPersistence(context.Serdes, new InvalidatingInterviewStore(stores.Interviews, changes), new InvalidatingSeriesStore(stores.Series, changes)),
                ProcessingGuarantee.AtLeastOnce),
        ];
    }
}
