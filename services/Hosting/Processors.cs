using Microsoft.Extensions.Logging;
using StreamPlatform.Observability;
using StreamPlatform.Streams;

namespace StreamPlatform.Hosting;

/// <summary>Running stream applications, each with a consumer group of its own.</summary>
public sealed class Processors : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(90);

    private readonly List<(string Name, StreamsApplication App)> applications = [];

    private Processors()
    {
    }

    /// <summary>Names of the applications.</summary>
    public IEnumerable<string> Names => applications.Select(a => a.Name);

    /// <summary>What /health asks.</summary>
    public IEnumerable<IHealthSource> HealthSources => applications.Select(a => new ProcessorHealth(a.Name, a.App));

    /// <summary>Starts applications and waits until each has its partitions and its state.</summary>
    /// <param name="processors">What to run.</param>
    /// <param name="bootstrapServers">Kafka in use.</param>
    /// <param name="context">Options, clock, loggers.</param>
    /// <param name="failed">Faults with the first application that ends by an error.</param>
    /// <param name="ct">Gives up; what was started is stopped.</param>
    /// <exception cref="TimeoutException">Not all were running after 90 s.</exception>
    public static async Task<Processors> StartAsync(
        IEnumerable<Processor> processors, string bootstrapServers, ServiceContext context, TaskCompletionSource failed, CancellationToken ct)
    {
        var started = new Processors();
        try
        {
            foreach (var processor in processors)
            {
                started.applications.Add((processor.Topology.ApplicationId, Create(processor, bootstrapServers, context)));
            }

            await Task.WhenAll(started.applications.Select(a => a.App.StartAsync(ct)));
            await Task.WhenAll(started.applications.Select(a => a.App.Running)).WaitAsync(StartTimeout, context.Time, ct);
            foreach (var (name, app) in started.applications)
            {
                _ = WatchAsync(name, app, failed, context.Loggers.CreateLogger<Processors>());
            }

            return started;
        }
        catch
        {
            await started.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync() => await Task.WhenAll(applications.Select(a => a.App.DisposeAsync().AsTask()));

    private static StreamsApplication Create(Processor processor, string bootstrapServers, ServiceContext context) => new(
        processor.Topology,
        new StreamsOptions
        {
            BootstrapServers = bootstrapServers,
            Guarantee = processor.Guarantee,
            ReplicationFactor = context.Options.ReplicationFactor,
            InstanceSlot = context.Options.InstanceSlot,
            CommitIntervalMs = 100,
            MaxInFlightRecords = processor.MaxInFlightRecords,
            DeadLetterRetentionHours = 24, // a dead letter may hold a face
        },
        transport: null,
        context.Time,
        context.Loggers);

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
}
