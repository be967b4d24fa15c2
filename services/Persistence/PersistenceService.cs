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
        return [new(InterviewTopology.BuildPersistence(context.Serdes, stores.Interviews, stores.Series), ProcessingGuarantee.AtLeastOnce)];
    }
}
