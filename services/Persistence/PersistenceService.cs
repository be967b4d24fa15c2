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
        var topology = InterviewTopology.BuildPersistence(context.Serdes, StoreSignals.Watch(stores.Interviews, context.Signals), StoreSignals.Watch(stores.Series, context.Signals));
        return [new(topology, ProcessingGuarantee.AtLeastOnce, PersistenceSinks.MaxInFlightRecords)];
    }
}
