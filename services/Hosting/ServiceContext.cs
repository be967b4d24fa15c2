using Microsoft.Extensions.Logging;
using StreamPlatform.Caching;
using StreamPlatform.Providers;
using StreamPlatform.Schemas;
using StreamPlatform.Topology;
using StreamPlatform.Topology.Caching;
using StreamPlatform.Topology.Ladder;

namespace StreamPlatform.Hosting;

/// <summary>What a service is made of: options, clock, serdes, and the engines it opens, which end with it.</summary>
/// <param name="options">Where and on what.</param>
/// <param name="registry">Registry in use.</param>
/// <param name="openStores">Opens the stores; null = none are configured.</param>
/// <param name="time">Clock.</param>
/// <param name="loggers">Where it logs.</param>
public sealed class ServiceContext(
    PlatformOptions options, ISchemaRegistryClient registry, Func<CancellationToken, Task<Stores>>? openStores, TimeProvider time, ILoggerFactory loggers) : IAsyncDisposable
{
    private readonly Stack<object> engines = new();
    private Stores? stores;
    private ProviderSet? providers;
    private SignalBoard? signals;
    private MediaStores? media;
    private ICacheTier? caches;

    public PlatformOptions Options => options;

    /// <summary>Kafka in use; that of the options unless an embedded one is.</summary>
    public string BootstrapServers { get; init; } = options.Kafka;

    public IEventSerdes Serdes { get; } = new EventSerdes(registry);

    public TimeProvider Time => time;

    public ILoggerFactory Loggers => loggers;

    /// <summary>When the ladder moves .</summary>
    public LadderOptions Ladder { get; } = new();

    /// <summary>How the engines do, as far as this process sees.</summary>
    public SignalBoard Signals => signals ??= new(Ladder, time);

    /// <summary>Files and recordings, opened when first asked for.</summary>
    /// <exception cref="ArgumentException">Names the option or variable to fix.</exception>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    public MediaStores Media => media ??= Keep(MediaStores.Open(options, time, loggers));

    /// <summary>The cache that instances share: Redis, or none.</summary>
    /// <exception cref="ArgumentException">--redis is no configuration of a Redis.</exception>
    public async Task<ICacheTier> CachesAsync() =>
        caches ??= options.Redis.Length == 0 ? new NoTier() : Keep(await RedisTier.ConnectAsync(options.Redis, time, loggers.CreateLogger<RedisTier>()));

    /// <summary>The stores, opened when first asked for.</summary>
    /// <exception cref="ArgumentException">None are configured.</exception>
    public async Task<Stores> StoresAsync(CancellationToken ct) => stores ??= Keep(await (openStores ?? throw ServiceArguments.Missing(
        "--postgres", "STREAMPLATFORM_POSTGRES", "an Npgsql connection string"))(ct));

    /// <summary>The AI provider; null when none is configured. What was spent is kept in the stores where there are any, else it is forgotten with the process.</summary>
    /// <exception cref="ArgumentException">Names the option, variable or file to fix.</exception>
    public async Task<ProviderSet?> ProvidersAsync(CancellationToken ct)
    {
        if (options.Llm.Length > 0 && providers is null)
        {
            var ledger = openStores is not null ? (await StoresAsync(ct)).Spending : null;
            providers = Keep(Providers.Create(options, time, loggers, ledger, [new ProviderSignals(Signals)]));
        }

        return providers;
    }

    /// <summary>Lets an engine end with the services, in the reverse order; what is not disposable is only returned.</summary>
    public T Keep<T>(T engine) where T : class
    {
        engines.Push(engine);
        return engine;
    }

    public async ValueTask DisposeAsync()
    {
        while (engines.TryPop(out var engine))
        {
            if (engine is IAsyncDisposable asynchronous)
            {
                await asynchronous.DisposeAsync();
            }
            else
            {
                (engine as IDisposable)?.Dispose();
            }
        }
    }
}
