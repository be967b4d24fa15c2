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
        Action<StoreWrite>[] after = [StoreSignals.To(context.Signals), changes.After];
        var topology = InterviewTopology.BuildPersistence(context.Serdes, new ToldInterviewStore(stores.Interviews, after), new ToldSeriesStore(stores.Series, after));
        return [new(topology, ProcessingGuarantee.AtLeastOnce, PersistenceSinks.MaxInFlightRecords)];
    }
}
