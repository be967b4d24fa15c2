using Microsoft.Extensions.Logging;
using StreamPlatform.Inference;
using StreamPlatform.Inference.Faces;
using StreamPlatform.LanguageModels;
using StreamPlatform.Observability;
using StreamPlatform.Schemas;
using StreamPlatform.Speech;
using StreamPlatform.Streams;
using StreamPlatform.Topology;
using StreamPlatform.Topology.Speech;
using StreamPlatform.Topology.Steps;

namespace StreamPlatform.AllInOne;

/// <summary>The stream processors, each an application of its own with its models.</summary>
internal sealed class Processors : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(90);

    private readonly List<(string Name, StreamsApplication App)> applications = [];
    private readonly List<IAsyncDisposable> models = [];

    /// <summary>Names of the applications.</summary>
    public IEnumerable<string> Names => applications.Select(a => a.Name);

    /// <summary>What /readyz asks.</summary>
    public IEnumerable<IHealthSource> HealthSources => applications.Select(a => new ProcessorHealth(a.Name, a.App));

    /// <summary>Loads the models and starts every processor.</summary>
    /// <exception cref="PlatformException">A model or an engine is missing.</exception>
    public static async Task<Processors> StartAsync(
        PlatformOptions options, string bootstrapServers, ISchemaRegistryClient registry, Stores stores, TimeProvider time, ILoggerFactory loggers,
        TaskCompletionSource failed, CancellationToken ct)
    {
        var serdes = new EventSerdes(registry);
        var processors = new Processors();
        try
        {
            var faces = processors.Keep(new FaceAnalyzer(new FaceAnalyzerOptions { ModelDirectory = options.Models, UseCuda = options.Cuda }, time, loggers.CreateLogger<FaceAnalyzer>()));
            var speech = processors.Keep(new PocketSphinxRecognizer(SpeechOptions(options)));
            var segmenter = new SpeechSegmenter(new EnergyVoiceActivityDetector(), new SegmenterOptions());
            Add(InterviewTopology.BuildEmotion(serdes, faces, time));
            Add(InterviewTopology.BuildTranscription(serdes, speech, segmenter));
            Add(InterviewTopology.BuildScoring(serdes, new OfflineRubric(), time));
            Add(InterviewTopology.BuildWindows(serdes));
            Add(InterviewTopology.BuildReports(serdes, new ReportOptions()));
            Add(InterviewTopology.BuildPersistence(serdes, stores.Interviews, stores.Series), ProcessingGuarantee.AtLeastOnce);
            await Task.WhenAll(processors.applications.Select(a => a.App.StartAsync(ct)));
            await Task.WhenAll(processors.applications.Select(a => a.App.Running)).WaitAsync(StartTimeout, time, ct);
            foreach (var (name, app) in processors.applications)
            {
                _ = WatchAsync(name, app, failed, loggers.CreateLogger<Processors>());
            }

            return processors;
        }
        catch
        {
            await processors.DisposeAsync();
            throw;
        }

        void Add(Streams.Topology topology, ProcessingGuarantee guarantee = ProcessingGuarantee.ExactlyOnce) => processors.applications.Add((
            topology.ApplicationId,
            new StreamsApplication(
                topology,
                new StreamsOptions
                {
                    BootstrapServers = bootstrapServers,
                    Guarantee = guarantee,
                    ReplicationFactor = options.ReplicationFactor,
                    CommitIntervalMs = 100,
                    DeadLetterRetentionHours = 24, // a dead letter may hold a face
                },
                transport: null,
                time,
                loggers)));
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(applications.Select(a => a.App.DisposeAsync().AsTask()));
        foreach (var model in models)
        {
            await model.DisposeAsync();
        }
    }

    private static PocketSphinxOptions SpeechOptions(PlatformOptions options)
    {
        var speech = new PocketSphinxOptions { ModelDirectory = options.SpeechModel };
        return PocketSphinxRecognizer.FindMissing(speech) is { } missing ? throw new SpeechEngineUnavailableException(missing) : speech;
    }

    private static async Task WatchAsync(string name, StreamsApplication app, TaskCompletionSource failed, ILogger logger)
    {
        try
        {
            await app.Completion;
        }
        catch (Exception e)
        {
            Log.ProcessorFailed(logger, name, e);
            failed.TrySetException(new PlatformException($"processor {name} failed: {e.Message}", e));
        }
    }

    private T Keep<T>(T model) where T : IAsyncDisposable
    {
        models.Add(model);
        return model;
    }
}
