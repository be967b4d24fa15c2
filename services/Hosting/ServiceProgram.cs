using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StreamPlatform.Observability;
using StreamPlatform.Schemas;

namespace StreamPlatform.Hosting;

/// <summary>Opens a service's engines and says what it runs.</summary>
public delegate Task<IReadOnlyList<Processor>> OpenService(ServiceContext context, CancellationToken ct);

/// <summary>Puts a service's own parts into its web host.</summary>
public delegate Task AddToHost(
    IServiceCollection services, ServiceContext context, ISchemaRegistryClient registry, string bootstrapServers, string registryUrl, CancellationToken ct);

/// <summary>A service by itself: its processors on a given Kafka, with /health, /readyz, /healthz and /metrics, until SIGINT or SIGTERM.</summary>
public static class ServiceProgram
{
    /// <summary>A service of stream processors; without --listen it picks a free port for health and metrics and logs it.</summary>
    /// <returns>Exit code: 0 after an orderly stop, 1 when it could not start or failed; stderr says why.</returns>
    public static Task<int> RunAsync(string name, OpenService open, string[] args) =>
        RunAsync(name, open, (_, _, _, _, _, _) => Task.CompletedTask, app => app.MapHealth(), "127.0.0.1:0", args);

    /// <summary>A service of pages and interfaces. <paramref name="map"/> maps health too.</summary>
    /// <returns>Exit code: 0 after an orderly stop, 1 when it could not start or failed; stderr says why.</returns>
    public static Task<int> RunAsync(string name, AddToHost add, Action<WebApplication> map, string[] args) =>
        RunAsync(name, (_, _) => Task.FromResult<IReadOnlyList<Processor>>([]), add, map, "127.0.0.1:8080", args);

    private static async Task<int> RunAsync(string name, OpenService open, AddToHost add, Action<WebApplication> map, string listen, string[] args)
    {
        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, s => Cancel(s, stop));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, s => Cancel(s, stop));
        PlatformOptions? options = null;
        try
        {
            options = ServiceArguments.Read(args, listen);
            await ServeAsync(name, open, add, map, options, stop.Token);
            return 0;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception e) when (Reason(e, options) is { } reason)
        {
            using var loggers = PlatformLogging.CreateFactory();
            Log.ServiceStopped(loggers.CreateLogger("StreamPlatform"), name, reason);
            return 1;
        }
    }

    private static async Task ServeAsync(string name, OpenService open, AddToHost add, Action<WebApplication> map, PlatformOptions options, CancellationToken ct)
    {
        using var metrics = new PlatformMetrics(); // first of all: it counts only what happens while it lives
        using var loggers = PlatformLogging.CreateFactory(options.LogLevel);
        var time = TimeProvider.System;
        using var registry = new CachedSchemaRegistryClient(new SchemaRegistryConfig { Url = options.Registry });
        await PlatformTopics.EnsureAsync(options.Kafka, registry, options, ct);
        await using var context = new ServiceContext(
            options, registry, options.Postgres.Length == 0 ? null : cancelled => Stores.OpenAsync(options.Postgres, time, loggers, cancelled, options.PostgresReplica), time, loggers);
        context.Probe("registry", registry.GetAllSubjectsAsync);
        var failed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var processors = await Processors.StartAsync(await open(context, ct), options.Kafka, context, failed, ct);
        await using var web = await ListenAsync(services => add(services, context, registry, options.Kafka, options.Registry, ct), map, options, metrics, processors, context, ct);
        Log.ServiceRunning(loggers.CreateLogger("StreamPlatform"), name, web.Urls.First());
        await failed.Task.WaitAsync(ct);
    }

    private static async Task<WebApplication> ListenAsync(
        Func<IServiceCollection, Task> add, Action<WebApplication> map, PlatformOptions options, PlatformMetrics metrics, Processors processors, ServiceContext context, CancellationToken ct)
    {
        var builder = ServiceHost.CreateBuilder(options, metrics, processors, context.Loggers);
        await add(builder.Services);
        builder.Services.AddProbes(context);
        var app = builder.Build();
        map(app);
        app.MapMetrics();
        await app.StartAsync(ct);
        return app;
    }

    // Null for what is a bug rather than a circumstance.
    private static string? Reason(Exception error, PlatformOptions? options) =>
        (options is null ? null : StartError.Explain(error, options))?.Message ?? (error as ArgumentException)?.Message;

    private static void Cancel(PosixSignalContext signal, CancellationTokenSource stop)
    {
        signal.Cancel = true;
        stop.Cancel();
    }
}
