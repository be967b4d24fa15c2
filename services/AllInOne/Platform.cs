using Confluent.Kafka;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StreamPlatform.Broker;
using StreamPlatform.Gateway.Kafka;
using StreamPlatform.Gateway.Sessions;
using StreamPlatform.Gateway;
using StreamPlatform.Hosting;
using StreamPlatform.Media.Vault;
using StreamPlatform.Observability;
using StreamPlatform.Postgres.Server;
using StreamPlatform.Registry;
using StreamPlatform.Schemas;
using StreamPlatform.Services;
using System.Net;

namespace StreamPlatform.AllInOne;

/// <summary>
/// All services in one process, on embedded or given engines. The only place that knows which: started from the bottom up
/// (stores, broker, registry, topics, processors, gateway), stopped from the top down.
/// </summary>
public sealed class Platform : IAsyncDisposable
{
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(60);

    private static readonly OpenService[] Services =
    [
        EmotionService.OpenAsync, TranscriptionService.OpenAsync, ScoringService.OpenAsync, AggregationService.OpenAsync, PersistenceService.OpenAsync,
        ResumesService.OpenAsync,
    ];

    private readonly Stack<IAsyncDisposable> parts = new();
    private readonly TaskCompletionSource failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly PlatformMetrics metrics = new(); // first of all: it counts only what happens while it lives
    private readonly PlatformOptions options;
    private readonly TimeProvider time;
    private readonly ILoggerFactory loggers;
    private readonly IProgress<string> progress;

    private Platform(PlatformOptions options, TimeProvider time, IProgress<string> progress)
    {
        this.options = options;
        this.time = time;
        this.progress = progress;
        loggers = PlatformLogging.CreateFactory(options.LogLevel);
    }

    /// <summary>Pages, REST API and WebSockets.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1");

    /// <summary>Kafka in use.</summary>
    public string BootstrapServers { get; private set; } = "";

    /// <summary>Registry in use.</summary>
    public string RegistryAddress { get; private set; } = "";

    /// <summary>Recordings.</summary>
    public MediaVault? Media { get; private set; }

    /// <summary>Never completes while the platform works; faults with what stopped it.</summary>
    public Task Failed => failed.Task;

    /// <summary>Starts everything.</summary>
    /// <param name="options">Where and on what.</param>
    /// <param name="time">Clock.</param>
    /// <param name="progress">Told each step.</param>
    /// <param name="ct">Gives up; what was started is stopped.</param>
    /// <exception cref="PlatformException">Names the thing to fix.</exception>
    public static async Task<Platform> StartAsync(PlatformOptions options, TimeProvider time, IProgress<string> progress, CancellationToken ct)
    {
        options.Validate();
        var platform = new Platform(options, time, progress);
        try
        {
            await platform.StartPartsAsync(ct);
            return platform;
        }
        catch (Exception e)
        {
            await platform.DisposeAsync();
            if (e is PostgresServerException or EventWriteException)
            {
                throw new PlatformException(e.Message, e);
            }

            if (StartError.Explain(e, options) is { } explained)
            {
                throw explained;
            }

            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        while (parts.TryPop(out var part))
        {
            try
            {
                await part.DisposeAsync().AsTask().WaitAsync(options.StopTimeout, time);
            }
            catch (Exception e) when (e is TimeoutException or KafkaException or IOException or InvalidOperationException)
            {
                Log.PartDidNotStop(loggers.CreateLogger<Platform>(), part.GetType().Name, e);
            }
        }

        metrics.Dispose();
        loggers.Dispose();
    }

    private async Task StartPartsAsync(CancellationToken ct)
    {
        var data = DataDirectory.Open(options.Data);
        parts.Push(new Closing(data.Dispose));
        var postgres = StartPostgresAsync(data, ct);
        try
        {
            await StartKafkaAsync(data, ct);
            await StartRegistryAsync(ct);
        }
        finally
        {
            await postgres; // so that a failure beside it leaves no child behind
        }

        var registry = Push(new CachedSchemaRegistryClient(new SchemaRegistryConfig { Url = RegistryAddress }));
        var (topics, schemas) = await PlatformTopics.EnsureAsync(BootstrapServers, registry, options, ct);
        progress.Report($"{topics} topics created, {schemas} schemas registered");
        var context = new ServiceContext(options, registry, BootstrapServers, async cancelled => await Stores.OpenAsync(await postgres, options, time, loggers, cancelled), time, loggers);
        parts.Push(context);
        context.Probe("registry", registry.GetAllSubjectsAsync);
        await context.StoresAsync(ct);
        Media = context.Media.Vault((await context.StoresAsync(ct)).Media);
        progress.Report("stores ready");
        if (await context.ProvidersAsync(ct) is not null)
        {
            progress.Report($"AI calls go to {options.Llm}");
        }

        List<Processor> opened = [];
        foreach (var open in Services)
        {
            opened.AddRange(await open(context, ct));
        }

        var processors = await Processors.StartAsync(opened, BootstrapServers, context, failed, ct);
        parts.Push(processors);
        progress.Report($"processors running: {string.Join(", ", processors.Names)}");
        await StartGatewayAsync(context, registry, processors, ct);
    }

    private async Task<string> StartPostgresAsync(DataDirectory data, CancellationToken ct)
    {
        if (options.Postgres.Length > 0)
        {
            return options.Postgres;
        }

        var server = await PostgresServer.StartAsync(new PostgresServerOptions { DataDirectory = data.Postgres }, loggers, time, ct);
        lock (parts)
        {
            parts.Push(server);
        }

        _ = server.Exited.ContinueWith(
            _ => failed.TrySetException(new PlatformException("PostgreSQL ended; its log lies below the data directory")), TaskScheduler.Default);
        progress.Report("PostgreSQL running");
        return server.ConnectionString;
    }

    private async Task StartKafkaAsync(DataDirectory data, CancellationToken ct)
    {
        if (options.Kafka.Length > 0)
        {
            BootstrapServers = options.Kafka;
            return;
        }

        var endpoint = PlatformOptions.ParseEndpoint("--broker-listen", options.BrokerListen);
        var broker = await KafkaBroker.StartAsync(
            new BrokerOptions { DataDirectory = data.Broker, Host = endpoint.Address.ToString(), Port = endpoint.Port }, time, loggers, ct);
        lock (parts)
        {
            parts.Push(broker);
        }

        BootstrapServers = broker.BootstrapServers;
        progress.Report($"broker running at {BootstrapServers}");
    }

    private async Task StartRegistryAsync(CancellationToken ct)
    {
        if (options.Registry.Length > 0)
        {
            RegistryAddress = options.Registry;
            return;
        }

        var endpoint = PlatformOptions.ParseEndpoint("--registry-listen", options.RegistryListen);
        var server = await SchemaRegistryServer.StartAsync(
            new RegistryOptions
            {
                BootstrapServers = BootstrapServers,
                ListenAddress = endpoint.Address.ToString(),
                Port = endpoint.Port,
                ReplicationFactor = options.ReplicationFactor,
            },
            loggers, time, ct);
        lock (parts)
        {
            parts.Push(server);
        }

        RegistryAddress = server.Url;
        progress.Report($"registry running at {RegistryAddress}");
    }

    private async Task StartGatewayAsync(ServiceContext context, ISchemaRegistryClient registry, Processors processors, CancellationToken ct)
    {
        var builder = ServiceHost.CreateBuilder(options, metrics, processors, loggers);
        builder.Services.AddSingleton<IHostLifetime, EmbeddedLifetime>();
        await GatewayService.AddAsync(builder.Services, context, registry, BootstrapServers, RegistryAddress, ct);
        builder.Services.AddHealth(context);
        var app = builder.Build();
        app.MapGateway();
        app.MapMetrics();
        var stopping = false;
        app.Lifetime.ApplicationStopping.Register(() =>
        {
            if (!stopping)
            {
                failed.TrySetException(new PlatformException("the gateway stopped by itself; its log says why"));
            }
        });
        parts.Push(new Closing(async () =>
        {
            stopping = true;
            await app.StopAsync(CancellationToken.None);
            await app.DisposeAsync();
        }));
        await app.StartAsync(ct);
        await app.Services.GetRequiredService<SchemaPreparation>().Prepared.WaitAsync(ReadyTimeout, time, ct);
        await app.Services.GetRequiredService<SessionDirectory>().Loaded.WaitAsync(ReadyTimeout, time, ct);
        Address = new Uri(app.Urls.First());
        progress.Report($"gateway running at {Address}");
    }

    private T Push<T>(T part) where T : IDisposable
    {
        parts.Push(new Closing(part.Dispose));
        return part;
    }

    private sealed class Closing(Func<Task> close) : IAsyncDisposable
    {
        public Closing(Action close)
            : this(() =>
            {
                close();
                return Task.CompletedTask;
            })
        {
        }

        public async ValueTask DisposeAsync() => await close();
    }
}
