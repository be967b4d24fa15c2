using StreamPlatform.Caching;
using StreamPlatform.Hosting;
using StreamPlatform.LanguageModels.Resumes;
using StreamPlatform.Resumes.Documents;
using StreamPlatform.Streams;
using StreamPlatform.Topology;
using StreamPlatform.Topology.Ports;
using StreamPlatform.Topology.Resumes;

namespace StreamPlatform.Services;

/// <summary>Requests about resumes to results, and both to the stores.</summary>
public static class ResumesService
{
    /// <summary>Resumes whose text is in memory at once, at most 256 KiB each.</summary>
    private const int TextsAtOnce = 256;

    /// <summary>All wait for their turn with the provider, by priority: what is not read yet waits by arrival.</summary>
    private const int MaxWaiting = 10_000;

    public static async Task<IReadOnlyList<Processor>> OpenAsync(ServiceContext context, CancellationToken ct)
    {
        var stores = await context.StoresAsync(ct);
        var chat = (await context.ProvidersAsync(ct))?.Chat;
        IResumeModel model = context.Keep<IResumeModel>(chat is null ? new OfflineResumeModel() : new ProviderResumeModel(chat, new(), context.Time));
        var engines = new ResumeEngines(
            context.Media.Waiting, new DocumentReader(new(), context.Time), model,
            context.Keep(new CachedResumes(stores.Resumes, await context.CachesAsync(), context.Time)), new PrioritySlots(TextsAtOnce));
        return
        [
            new(ResumeTopology.Build(context.Serdes, engines, context.Time), MaxInFlightRecords: MaxWaiting),
            new(ResumeTopology.BuildStore(context.Serdes, stores.Resumes), ProcessingGuarantee.AtLeastOnce),
        ];
    }
}
