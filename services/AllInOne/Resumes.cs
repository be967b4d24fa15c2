using Microsoft.Extensions.Logging;
using StreamPlatform.LanguageModels.Resumes;
using StreamPlatform.Providers;
using StreamPlatform.Resumes.Documents;
using StreamPlatform.Resumes.Media;
using StreamPlatform.Topology.Ports;
using StreamPlatform.Topology.Resumes;

namespace StreamPlatform.AllInOne;

/// <summary>What processor and gateway share of the resumes: where files lie, who reads them and who judges.</summary>
internal sealed class Resumes : IAsyncDisposable
{
    /// <summary>Resumes whose text is in memory at once, at most 256 KiB each.</summary>
    private const int TextsAtOnce = 256;

    private readonly IResumeModel model;

    private Resumes(IResumeModel model, ResumeEngines engines)
    {
        this.model = model;
        Engines = engines;
    }

    public ResumeEngines Engines { get; }

    /// <param name="chat">Provider that judges; null = the offline engine.</param>
    public static Resumes Create(string dataDirectory, IChatProvider? chat, Stores stores, TimeProvider time, ILoggerFactory loggers)
    {
        var media = new DirectoryMediaStore(new() { Directory = Path.Combine(dataDirectory, "media") }, time, loggers.CreateLogger<DirectoryMediaStore>());
        IResumeModel model = chat is null ? new OfflineResumeModel() : new ProviderResumeModel(chat, new(), time);
        return new(model, new(media, new DocumentReader(new(), time), model, stores.Resumes, new PrioritySlots(TextsAtOnce)));
    }

    public ValueTask DisposeAsync()
    {
        (model as IDisposable)?.Dispose();
        return ValueTask.CompletedTask;
    }
}
