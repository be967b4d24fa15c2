using Microsoft.Extensions.Logging;
using StreamPlatform.Schemas;
using StreamPlatform.Topology;

namespace StreamPlatform.Hosting;

/// <summary>What a service is made of: options, clock, serdes, and the engines it opens, which end with it.</summary>
public sealed class ServiceContext(PlatformOptions options, ISchemaRegistryClient registry, Func<CancellationToken, Task<Stores>> openStores, TimeProvider time, ILoggerFactory loggers)
    : IAsyncDisposable
{
    private readonly Stack<IAsyncDisposable> engines = new();
    private Stores? stores;

    public PlatformOptions Options => options;

    public IEventSerdes Serdes { get; } = new EventSerdes(registry);

    public TimeProvider Time => time;

    public ILoggerFactory Loggers => loggers;

    /// <summary>The stores, opened when first asked for.</summary>
    public async Task<Stores> StoresAsync(CancellationToken ct) => stores ??= Keep(await openStores(ct));

    /// <summary>Lets an engine end with the services.</summary>
    public T Keep<T>(T engine) where T : IAsyncDisposable
    {
        engines.Push(engine);
        return engine;
    }

    public async ValueTask DisposeAsync()
    {
        while (engines.TryPop(out var engine))
        {
            await engine.DisposeAsync();
        }
    }
}
