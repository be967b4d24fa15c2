using Microsoft.Extensions.Logging;

namespace StreamPlatform.Providers;

/// <summary>One provider with everything around it: keys, breakers, priorities, retries, budgets, cache, metering. One per process.</summary>
public sealed class ProviderSet : IAsyncDisposable
{
    private readonly ProviderMetrics metrics = new();
    private readonly SdkClients clients;
    private readonly KeyFile? keyFile;
    private readonly Dictionary<CallKind, CallPipeline> pipelines;
    private readonly KeyPool keys;
    private readonly KeyUsageWriter? keyUsage;

    private ProviderSet(ProviderOptions options, ISpendLedger ledger, IKeyLedger? keyLedger, IReadOnlyList<ICallObserver> observers, TimeProvider time, ILogger logger)
    {
        var prices = PriceTable.Load(options.PriceFile);
        var secrets = options.Keys.File.Length > 0 ? KeyFile.Read(options.Keys.File) : options.Keys.Keys.Count > 0 ? options.Keys.Keys : ["none"];
        keys = new KeyPool(options.Keys, secrets, time, logger);
        keyFile = options.Keys.File.Length > 0 ? new KeyFile(options.Keys, keys, secrets, time, logger) : null;
        clients = new SdkClients(options.BaseUrl!);
        Log.Prices(logger, options.PriceFile.Length > 0 ? $"{options.PriceFile}, and for models that it does not name {PriceTable.BuiltIn}" : PriceTable.BuiltIn);
        var recorder = new CallRecorder(metrics, prices, observers, logger);
        var budgets = new SpendGuard(options.Budgets, ledger, time);
        pipelines = Enum.GetValues<CallKind>().ToDictionary(kind => kind, kind => new CallPipeline(kind, options, keys, budgets, recorder, time, logger));
        foreach (var (kind, pipeline) in pipelines)
        {
            metrics.Observe(kind, pipeline.Breaker, pipeline.Gate, time);
        }

        metrics.Observe(keys);
        Chat = new ChatProvider(options, clients, pipelines[CallKind.Chat], new AnswerCache(options.Cache, time), prices, time);
        Audio = new AudioProvider(options, clients, pipelines[CallKind.Audio], prices);
        Speech = new SpeechProvider(options, clients, pipelines[CallKind.Speech], prices);
        var keyed = options.Keys.File.Length > 0 || options.Keys.Keys.Count > 0; // "none" is no key
        keyUsage = keyLedger is not null && keyed ? new KeyUsageWriter(options.BaseUrl!.Host, keys, keyLedger, time, logger) : null;
    }

    public IChatProvider Chat { get; }

    public IAudioProvider Audio { get; }

    public ISpeechProvider Speech { get; }

    /// <summary>Requests sent by each key in force, by the start of its SHA-256.</summary>
    public IReadOnlyDictionary<string, long> KeyUsage => keys.Usage.ToDictionary(k => k.Hash, k => k.Used);

    /// <param name="options">Where, with what, for how much.</param>
    /// <param name="time">Clock of time-outs, pauses, limits, lifetimes and months.</param>
    /// <param name="loggers">Messages hold no keys and nothing that is asked or answered.</param>
    /// <param name="ledger">What was spent; default: one that forgets with the process.</param>
    /// <param name="observers">Told of every call.</param>
    /// <param name="keyLedger">Told which keys are in force and how much each is used; default: nobody is.</param>
    /// <exception cref="ArgumentException">Names the option or the file to fix.</exception>
    public static ProviderSet Create(
        ProviderOptions options, TimeProvider time, ILoggerFactory loggers, ISpendLedger? ledger = null, IReadOnlyList<ICallObserver>? observers = null, IKeyLedger? keyLedger = null)
    {
        options.Validate();
        return new ProviderSet(options, ledger ?? new InMemorySpendLedger(), keyLedger, observers ?? [], time, loggers.CreateLogger<ProviderSet>());
    }

    /// <summary>Of health pages and decisions to fall back.</summary>
    public BreakerState Breaker(CallKind kind) => pipelines[kind].Breaker.State;

    /// <summary>The same with its history, of every kind of calls.</summary>
    public IReadOnlyList<BreakerStatus> Breakers => [.. pipelines.OrderBy(p => p.Key).Select(p => p.Value.Breaker.Status(p.Key))];

    /// <summary>Ends it when the ledger knows the last uses of keys, or after 10 s.</summary>
    public async ValueTask DisposeAsync()
    {
        keyFile?.Dispose(); // no more keys from now on
        if (keyUsage is not null)
        {
            await keyUsage.DisposeAsync();
        }

        clients.Dispose();
        metrics.Dispose();
    }
}
