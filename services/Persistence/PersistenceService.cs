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
        RecordingWorker.Start(context, stores);
        var changes = new SessionChanges(context.Events, await context.CachesAsync(), context.Time);
        var topology = InterviewTopology.BuildPersistence(
            context.Serdes,
            new InvalidatingInterviewStore(StoreSignals.Watch(stores.Interviews, context.Signals), changes),
            new InvalidatingSeriesStore(StoreSignals.Watch(stores.Series, context.Signals), changes));
        return [new(topology, ProcessingGuarantee.AtLeastOnce, PersistenceSinks.MaxInFlightRecords)];
    }
}
