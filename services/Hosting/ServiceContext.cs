using Microsoft.Extensions.Logging;
using StreamPlatform.Caching;
using StreamPlatform.Observability;
using StreamPlatform.Providers;
using StreamPlatform.Schemas;
using StreamPlatform.Topology;
using StreamPlatform.Topology.Caching;
using StreamPlatform.Topology.Ladder;

namespace StreamPlatform.Hosting;

/// <summary>What a service is made of: options, clock, serdes, and the engines it opens, which end with it.</summary>
/// <param name="options">Where and on what.</param>
/// <param name="registry">Registry in use.</param>
/// <param name="bootstrapServers">Kafka in use.</param>
/// <param name="openStores">Opens the stores; null = none are configured.</param>
/// <param name="time">Clock.</param>
/// <param name="loggers">Where it logs.</param>
public sealed class ServiceContext(
    PlatformOptions options, ISchemaRegistryClient registry, string bootstrapServers, Func<CancellationToken, Task<Stores>>? openStores, TimeProvider time, ILoggerFactory loggers) : IAsyncDisposable
{
    private readonly Stack<object> engines = new();
    private readonly List<IHealthSource> shown = [];
    private Stores? stores;
    private ProviderSet? providers;
    private SignalBoard? signals;
    private EventProducer? events;
    private MediaStores? media;
    private ICacheTier? caches;

    public PlatformOptions Options => options;

    /// <summary>Kafka in use.</summary>
    public string BootstrapServers => bootstrapServers;

    public IEventSerdes Serdes { get; } = new EventSerdes(registry);

    public TimeProvider Time => time;

    public ILoggerFactory Loggers => loggers;

    /// <summary>When the ladder moves .</summary>
    public LadderOptions Ladder { get; } = new();

    /// <summary>How the engines do, as far as this process sees; told to the other processes (<see cref="SignalSender"/>).</summary>
    public SignalBoard Signals => signals ??= OpenSignals();

    /// <summary>Where events go that nobody waits for.</summary>
    public IEventOutlet Events => events ??= Keep(new EventProducer(bootstrapServers, registry, loggers.CreateLogger<EventProducer>()));

    /// <summary>What /health shows beside the processors: the breakers of the provider, and what the services added.</summary>
    public IReadOnlyList<IHealthSource> HealthSources =>
        [.. shown, .. providers is { } opened ? Enum.GetValues<CallKind>().Select(kind => new ProviderHealth(opened, kind)) : []];

    /// <summary>Lets /health show an engine.</summary>
    public void Show(IHealthSource source) => shown.Add(source);

    /// <summary>Files and recordings, opened when first asked for.</summary>
    /// <exception cref="ArgumentException">Names the option or variable to fix.</exception>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    public MediaStores Media => media ??= OpenMedia();

    /// <summary>The cache that instances share: Redis, or none.</summary>
    /// <exception cref="ArgumentException">--redis is no configuration of a Redis.</exception>
    public async Task<ICacheTier> CachesAsync()
    {
        if (caches is null && options.Redis.Length > 0)
        {
            var redis = Keep(await RedisTier.ConnectAsync(options.Redis, time, loggers.CreateLogger<RedisTier>()));
            Probe("redis", redis.PingAsync);
            caches = redis;
        }

        return caches ??= new NoTier();
    }

    /// <summary>How PostgreSQL does; null before <see cref="StoresAsync"/>.</summary>
    public HealthProbe? StoreHealth { get; private set; }

    /// <summary>The stores, opened when first asked for.</summary>
    /// <exception cref="ArgumentException">None are configured.</exception>
    public async Task<Stores> StoresAsync(CancellationToken ct)
    {
        if (stores is null)
        {
            stores = Keep(await (openStores ?? throw ServiceArguments.Missing("--postgres", "STREAMPLATFORM_POSTGRES", "an Npgsql connection string"))(ct));
            StoreHealth = Probe("postgres", stores.Probe.ProbeAsync);
            shown.AddRange(stores.HealthSources);
            if (stores.PingCassandra is { } ping)
            {
                Probe("cassandra", ping);
            }
        }

        return stores;
    }

    /// <summary>Asks a part outside the process again and again whether it works.</summary>
    public HealthProbe Probe(string name, Func<CancellationToken, Task> ask)
    {
        var probe = Keep(new HealthProbe(name, ask, new HealthProbeOptions(), time));
        Show(probe);
        return probe;
    }

    /// <summary>The AI provider; null when none is configured. What was spent and how much each key was used is kept in the stores where there are any, else it is forgotten with the process.</summary>
    /// <exception cref="ArgumentException">Names the option, variable or file to fix.</exception>
    public async Task<ProviderSet?> ProvidersAsync(CancellationToken ct)
    {
        if (options.Llm.Length > 0 && providers is null)
        {
            var kept = openStores is not null ? await StoresAsync(ct) : null; // opened before: they end after the provider, which writes at its end
            providers = Keep(Providers.Create(options, time, loggers, kept?.Spending, kept?.ApiKeys, [new ProviderSignals(Signals), new CostEvents(Events)]));
        }

        return providers;
    }

    private MediaStores OpenMedia()
    {
        var opened = Keep(MediaStores.Open(options, time, loggers));
        Probe("media", opened.AskAsync);
        return opened;
    }

    private SignalBoard OpenSignals()
    {
        var board = new SignalBoard(Ladder, time);
        Keep(new SignalSender(board, Events, Ladder.TickMs, time));
        return board;
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
