using Microsoft.Extensions.DependencyInjection;
using StreamPlatform.Gateway.Ladder;
using StreamPlatform.Gateway.Questions;
using StreamPlatform.Gateway.Results;
using StreamPlatform.Hosting;
using StreamPlatform.Schemas;
using StreamPlatform.Topology.Ports;

namespace StreamPlatform.Gateway;

/// <summary>The gateway with its stores and engines.</summary>
public static class GatewayService
{
    /// <param name="services">The host's.</param>
    /// <param name="context">Options, stores, providers.</param>
    /// <param name="registry">Registry in use.</param>
    /// <param name="bootstrapServers">Kafka in use.</param>
    /// <param name="registryUrl">Address of the registry in use.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="ArgumentException">No PostgreSQL is configured.</exception>
    public static async Task AddAsync(
        IServiceCollection services, ServiceContext context, ISchemaRegistryClient registry, string bootstrapServers, string registryUrl, CancellationToken ct)
    {
        var stores = await context.StoresAsync(ct);
        var providers = await context.ProvidersAsync(ct);
        services.AddSingleton(context.Time);
        services.AddSingleton(registry);
        var caches = await context.CachesAsync();
        var results = context.Keep(new CachedResults(stores.Results, caches, context.Time));
        services.AddSingleton(results);
        services.AddSingleton<IResultsReader>(results);
        services.AddHostedService<ChangedSessions>();
        services.AddHostedService<ResultsWarmUp>();
        services.AddSingleton(stores.Reviews);
        services.AddSingleton(stores.ResumeTasks);
        services.AddSingleton(stores.Transcripts);
        services.AddSingleton(stores.ResumeQuotas);
        services.AddSingleton(new StorageSignal(context.StoreHealth!));
        services.AddSingleton(context.Ladder);
        services.AddSingleton(context.Signals);
        services.AddSingleton<IMediaStore>(context.Media.Waiting);
        services.AddSingleton(context.Media.Vault(stores.Media));
        QuestionEngines.AddTo(services, providers?.Chat, providers?.Speech, caches, context.Signals, context.Time);
        services.AddGateway(new GatewayOptions
        {
            BootstrapServers = bootstrapServers,
            SchemaRegistryUrl = registryUrl,
            DataDirectory = context.Options.Data,
            Resumes = new() { PerHour = context.Options.ResumesPerHour, PerDay = context.Options.ResumesPerDay },
        });
    }
}
